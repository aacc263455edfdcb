package resident

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"linli"
	"linli/decide/calendar"
)

// idCard is what a citizen's identity number says (GB 11643-1999).
type idCard struct {
	No    string // 18 characters, X in upper case
	Birth string // YYYY-MM-DD
	Sex   int    // GB/T 2261.1: 1 male, 2 female
}

var (
	idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	// idRegions are the first two digits in use; 81 to 83 are residence permits of
	// Hong Kong, Macao and Taiwan, 9x permanent residents and our invented region 99.
	idRegions = "11,12,13,14,15,21,22,23,31,32,33,34,35,36,37,41,42,43,44,45,46,50,51,52,53,54,61,62,63,64,65,71,81,82,83,90,91,92,93,94,95,96,97,98,99"
)

const idCheck = "10X98765432"

// checkDigit is the last character that belongs to the first 17 digits.
func checkDigit(no string) byte {
	sum := 0
	for i, w := range idWeights {
		sum += int(no[i]-'0') * w
	}
	return idCheck[sum%11]
}

// parseID reads an identity number: 18 characters with a right check digit, or
// the 15 digits of old cards, which are completed. The reason of a refusal is in the error.
func parseID(s string) (idCard, error) {
	s = strings.ToUpper(s)
	wrong := func(zh, en string) (idCard, error) { return idCard{}, linli.Invalid("id_no", zh, en) }
	if len(s) == 15 && digits(s) {
		s = s[:6] + "19" + s[6:]
		s += string(checkDigit(s))
	}
	switch {
	case len(s) != 18:
		return wrong("身份证号须为 18 位", "an identity number has 18 characters")
	case !digits(s[:17]) || !digits(s[17:]) && s[17] != 'X':
		return wrong("身份证号只能是数字，末位可为 X", "an identity number holds digits, the last may be X")
	case !strings.Contains(idRegions, s[:2]):
		return wrong("身份证号前两位不是有效地区", "the first two digits of the identity number are no region")
	}
	birth := s[6:10] + "-" + s[10:12] + "-" + s[12:14]
	if d, err := calendar.ParseDate(birth); err != nil || d.Year < 1850 {
		return wrong("身份证号里的出生日期不存在", "the identity number holds an impossible birth date")
	}
	if s[17] != checkDigit(s) {
		return wrong("身份证号校验位不对，请核对", "the check digit of the identity number is wrong")
	}
	sex := 2
	if (s[16]-'0')%2 == 1 {
		sex = 1
	}
	return idCard{s, birth, sex}, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// parsePhone evens out a phone number: mobiles of 11 digits (000 begins invented
// ones), landlines with or without area code. Of several the first counts.
func parsePhone(s string) (string, error) {
	first := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/、,，;；|\n", r) })
	wrong := linli.Invalid("phone", "电话号码不对，请核对", "this is not a phone number")
	if len(first) == 0 {
		return "", wrong
	}
	digitsOnly := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("-－—+（）() .", r):
			return -1
		}
		return utf8.RuneError
	}, strings.TrimSpace(first[0]))
	if strings.ContainsRune(digitsOnly, utf8.RuneError) {
		return "", wrong
	}
	if rest, ok := strings.CutPrefix(digitsOnly, "86"); ok && len(rest) == 11 && rest[0] == '1' {
		digitsOnly = rest
	}
	n := len(digitsOnly)
	switch {
	case n == 11 && (digitsOnly[0] == '1' && digitsOnly[1] >= '3' || strings.HasPrefix(digitsOnly, "000")):
	case n >= 10 && n <= 12 && digitsOnly[0] == '0' && digitsOnly[1] != '0':
	case (n == 7 || n == 8) && digitsOnly[0] > '1':
	default:
		return "", wrong
	}
	return digitsOnly, nil
}

// parseName evens out a name: no spaces between Chinese characters, one between others.
func parseName(s string) (string, error) {
	wrong := linli.Invalid("name", "姓名不对，请核对", "this is not a name")
	fields := strings.Fields(s)
	name := strings.Join(fields, " ")
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		name = strings.Join(fields, "")
	}
	letters := 0
	for _, r := range name {
		switch {
		case r == utf8.RuneError:
			return "", linli.Invalid("name", "姓名里有无法识别的字，请检查文件编码", "the name holds unreadable characters; check the encoding of the file")
		case unicode.IsLetter(r) || unicode.Is(unicode.Co, r): // rare characters may still stand in the private use area
			letters++
		case unicode.IsMark(r), strings.ContainsRune("·•.'’ -", r):
		default:
			return "", wrong
		}
	}
	if letters == 0 || utf8.RuneCountInString(name) > 40 {
		return "", wrong
	}
	return name, nil
}

// compound surnames that still occur; all others are one character long.
const compoundSurnames = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 独孤 南宫 长孙 宇文 轩辕 呼延 闻人 鲜于 申屠 澹台 淳于"

// title is how a person is addressed without the given name: 张先生, 欧阳女士, 李小朋友.
func title(name string, sex, age int) string {
	r := []rune(name)
	if len(r) == 0 {
		return ""
	}
	surname := string(r[:1])
	if len(r) > 2 && strings.Contains(compoundSurnames, string(r[:2])) {
		surname = string(r[:2])
	}
	if !unicode.Is(unicode.Han, r[0]) {
		surname, _, _ = strings.Cut(name, " ")
	}
	switch {
	case age >= 0 && age < minorAge:
		return surname + "小朋友"
	case sex == 1:
		return surname + "先生"
	case sex == 2:
		return surname + "女士"
	}
	return surname + "某"
}

// minorAge bounds the children whose data is sensitive as such (Personal Information Protection Law, art. 28).
const minorAge = 14

// elderAge is from when on an elder counts as advanced in age.
const elderAge = 80

// age is in full years on the day, -1 without a birth date.
func age(birth string, today calendar.Date) int {
	b, err := calendar.ParseDate(birth)
	if err != nil {
		return -1
	}
	n := today.Year - b.Year
	if today.Month < b.Month || today.Month == b.Month && today.Day < b.Day {
		n--
	}
	return max(n, 0)
}

// bornBefore is the latest birth date of somebody who is n years old on the day.
func bornBefore(n int, today calendar.Date) string {
	return calendar.NewDate(today.Year-n, today.Month, today.Day).String()
}

// validBirth checks a birth date of the form YYYY-MM-DD.
func validBirth(s string, now time.Time) error {
	d, err := calendar.ParseDate(s)
	switch {
	case err != nil:
		return linli.Invalid("birth", "出生日期写成 1952-03-07 这样", "a birth date looks like 1952-03-07")
	case d.Year < 1900 || calendar.DateOf(now, linli.Shanghai).Before(d):
		return linli.Invalid("birth", "出生日期不在 1900 年至今", "the birth date is not between 1900 and today")
	}
	return nil
}

// evenText brings a text of a file to one form: half-width letters and digits,
// no invisible characters, single spaces, no space at the ends.
func evenText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
			return r - 0xFEE0
		case r == 0x3000 || r == 0xA0 || r == '\t':
			return ' '
		case r == 0xFEFF || r >= 0x200B && r <= 0x200F || r == 0x2060 || r < ' ' && r != '\n':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// isNull tells whether a cell says that there is nothing to say.
func isNull(s string) bool {
	switch strings.ToLower(s) {
	case "", "无", "/", "-", "--", "—", "——", "－", "\\", "空", "暂无", "不详", "未知", "null", "n/a", "#n/a", "na", "none":
		return true
	}
	return false
}

// lostDigits tells whether a number was written with an exponent or rounded by a
// spreadsheet so that digits are gone: 1.10105E+17. numeric says that the cell
// held a number, of which only 15 digits are kept.
func lostDigits(s string, numeric bool) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(s), "E")
	if !found {
		return numeric && len(strings.Trim(s, "-+.")) > 15 && digits(s)
	}
	exp, err := strconv.Atoi(strings.TrimPrefix(exponent, "+"))
	if err != nil || !digits(strings.Replace(strings.TrimLeft(mantissa, "+-"), ".", "", 1)) {
		return false // not a number at all
	}
	if numeric {
		return exp > 14 // the shortest text of a number of up to 15 digits is exact
	}
	return len(strings.Replace(mantissa, ".", "", 1)) <= exp
}

// plainNumber writes a whole number without exponent or ".0": 1.38E+10 becomes 13800000000.
func plainNumber(s string) string {
	if !strings.ContainsAny(s, "eE.") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int64(f)) || f > 1e15 || f < 0 {
		return s
	}
	return strconv.FormatInt(int64(f), 10)
}

// parseDate reads a date as people and spreadsheets write it: 20240101, 2024.1.1,
// 2024-01-01, 2024/1/1, 2024年1月1日, with a time of day behind it or not, and
// the day count of spreadsheets (45292), which begins in 1904 in some files.
func parseDate(s string, from1904 bool) (string, error) {
	s = evenText(s)
	wrong := linli.Invalid("date", "日期看不懂，请写成 1952-03-07", "the date cannot be read; write it as 1952-03-07")
	s, _, _ = strings.Cut(s, " ")
	s, _, _ = strings.Cut(s, "T")
	if n, err := strconv.ParseFloat(s, 64); err == nil && !strings.ContainsAny(s, "eExXnNiI+_-") {
		return dateOfNumber(s, n, from1904)
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/.年月日号", r) })
	if len(parts) != 3 || len(parts[0]) != 4 {
		return "", wrong
	}
	var n [3]int
	for i, p := range parts {
		if len(p) > 4 || !digits(p) {
			return "", wrong
		}
		n[i], _ = strconv.Atoi(p)
	}
	d := calendar.NewDate(n[0], time.Month(n[1]), n[2])
	if d.Year != n[0] || int(d.Month) != n[1] || d.Day != n[2] {
		return "", linli.Invalid("date", "没有这一天，请核对日期", "there is no such day")
	}
	return d.String(), nil
}

// dateOfNumber reads 20240101 and the day counts of spreadsheets.
func dateOfNumber(s string, n float64, from1904 bool) (string, error) {
	whole, _, fraction := strings.Cut(s, ".")
	switch {
	case len(whole) == 8 && !fraction:
		d := whole[:4] + "-" + whole[4:6] + "-" + whole[6:]
		if _, err := calendar.ParseDate(d); err != nil {
			return "", linli.Invalid("date", "没有这一天，请核对日期", "there is no such day")
		}
		return d, nil
	case fraction && len(whole) == 4 && n >= 1900 && n < 2100: // 1952.3: a year and a month
		return "", linli.Invalid("date", "只有年月，缺日", "the day is missing")
	case n >= 1900 && n < 2100:
		return "", linli.Invalid("date", "只有年份，缺月和日", "month and day are missing")
	case n < 60 || n > 73050: // before March 1900, where the count has a day that never was, or after 2099
		return "", linli.Invalid("date", "日期看不懂，请写成 1952-03-07", "the date cannot be read; write it as 1952-03-07")
	}
	epoch := calendar.NewDate(1899, time.December, 30)
	if from1904 {
		epoch = calendar.NewDate(1904, time.January, 1)
	}
	return epoch.AddDays(int(n)).String(), nil
}

// parseSex reads 男, 女, 1, 2, M, F and their longer forms.
func parseSex(s string) (int, error) {
	switch strings.ToLower(s) {
	case "男", "男性", "1", "m", "male":
		return 1, nil
	case "女", "女性", "2", "f", "female":
		return 2, nil
	case "0", "9", "未说明":
		return 9, nil
	}
	return 0, linli.Invalid("sex", "性别请写男或女", "the sex is 男 or 女")
}

// means tells whether a word of a file stands for a code with these words.
func means(word, zh string, also []string) bool {
	word = strings.ToLower(word)
	if word == strings.ToLower(zh) {
		return true
	}
	for _, a := range also {
		if word == strings.ToLower(a) {
			return true
		}
	}
	return false
}

// parseRelation reads a family relation as GB/T 4761 code; what is none of the usual words is 97, other.
func parseRelation(s string) string {
	for _, c := range codes.Relations {
		if s == c.Code || means(s, c.Zh, c.Also) {
			return c.Code
		}
	}
	return "97"
}

// parseGroups reads a list of special groups; unknown are the words that are none.
func parseGroups(s string) (known []string, unknown []string) {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、,，;；/|\n ", r) }) {
		found := false
		for _, g := range codes.Groups {
			if word == g.Code || means(word, g.Zh, g.Also) {
				found = true
				if !g.Derived {
					known = append(known, g.Code)
				}
				break
			}
		}
		if !found && !isNull(word) {
			unknown = append(unknown, word)
		}
	}
	return known, unknown
}
