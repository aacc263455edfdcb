package text

// numeral reads a whole number at i: ASCII digits, or Chinese numerals up to
// 万. The digits of one number have no space between them.
func (x *reader) numeral(i int) (value, end int, chinese, ok bool) {
	if i >= len(x.f) {
		return 0, i, false, false
	}
	if isDigit(x.f[i]) {
		for end = i; end < len(x.f) && isDigit(x.f[end]) && (end == i || !x.gap(end)); end++ {
			if value < 1e9 {
				value = value*10 + int(x.f[end]-'0')
			}
		}
		return value, end, false, true
	}
	for end = i; end < len(x.f) && end-i < 9 && chineseDigit(x.f[end]) >= 0; end++ {
	}
	if end == i {
		return 0, i, false, false
	}
	value, ok = chineseNumber(x.f[i:end])
	return value, end, true, ok
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// chineseDigit gives 0 to 9 for digits, 10, 100, 1000 for units, and -1 for others.
func chineseDigit(r rune) int {
	switch r {
	case '零', '〇':
		return 0
	case '一':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	}
	return -1
}

// chineseNumber reads 三百零二, 二十, 十五, and digit by digit 三〇二.
func chineseNumber(rs []rune) (int, bool) {
	units := false
	for _, r := range rs {
		units = units || chineseDigit(r) >= 10
	}
	sum, digit, last := 0, -1, 10000
	for _, r := range rs {
		d := chineseDigit(r)
		switch {
		case !units:
			sum = sum*10 + d
		case d >= 10:
			if d >= last {
				return 0, false // 十百: no number
			}
			last = d
			if digit < 0 {
				digit = 1 // 十五
			}
			sum += digit * d
			digit = -1
		default:
			if digit > 0 {
				return 0, false // 二三十: about twenty or thirty
			}
			digit = d
		}
	}
	if units && digit > 0 {
		sum += digit
	}
	return sum, true
}
