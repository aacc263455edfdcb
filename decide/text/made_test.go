package text

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Made messages: each label has words of its own among words that all share,
// so that a classifier has something to learn and something to ignore.
var (
	madeTopics = [][]string{
		{"物业", "停车位", "电梯", "业委会", "公摊", "绿化带", "门禁"},
		{"工资", "社保", "劳动合同", "工伤", "退休金", "加班费", "公积金"},
		{"学校", "补课", "老师", "学位", "幼儿园", "招生", "作业"},
		{"超市", "假货", "退款", "旅行社", "景区", "摊位", "价格"},
		{"污水", "噪音", "油烟", "垃圾站", "扬尘", "臭味", "排放"},
		{"医院", "疫苗", "挂号", "医生", "药品", "体检", "产检"},
		{"公交", "红绿灯", "出租车", "斑马线", "堵车", "地铁", "班次"},
	}
	madeFiller = []string{"我们", "的", "希望", "领导", "解决", "问题", "多次", "反映", "没有", "回复", "请", "尽快", "处理", "了", "是", "在", "住户", "附近", "每天", "已经"}
)

func madeRows(n int, seed uint64) (docs []Doc, labels []string) {
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	for range n {
		l := r.IntN(len(madeTopics))
		var b strings.Builder
		for range 12 + r.IntN(30) {
			switch x := r.IntN(10); {
			case x < 2:
				b.WriteString(pick(madeTopics[l]))
			case x == 2: // a word of another label
				b.WriteString(pick(madeTopics[r.IntN(len(madeTopics))]))
			default:
				b.WriteString(pick(madeFiller))
			}
		}
		docs = append(docs, Doc{Title: "关于" + pick(madeTopics[l]) + "的" + pick(madeFiller), Body: b.String()})
		labels = append(labels, fmt.Sprintf("部门%d", l))
	}
	return docs, labels
}
