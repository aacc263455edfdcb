package demand

import (
	"cmp"
	"testing"

	"linli/decide/text"
)

// what people say, and what they mean: a specification, an office, or "" where a
// clerk must ask. The sentences were made up; none of them tuned the lexicon alone.
var said = []struct{ text, means string }{
	{"老人洗澡不方便，能不能派人上门帮忙洗一下", "bathing"},
	{"我妈瘫痪在床，想请人给她洗个澡", "bathing"},
	{"下水道堵了，厨房都是脏水", "plumbing"},
	{"家里马桶堵了冲不下去，麻烦来通一下", "plumbing"},
	{"我家跳闸了，推上去又掉下来", "plumbing"},
	{"水龙头坏了一直滴水，关不紧", "plumbing"},
	{"中午能不能给我送饭，我一个人懒得做", "meal-delivery"},
	{"明天开始订午餐，送到3号楼302", "meal-delivery"},
	{"血糖高，想订糖尿病餐", "special-diet"},
	{"我下班晚，能帮忙接孩子放学吗", "after-school"},
	{"四点半放学后没人带，想报课后托管", "after-school"},
	{"暑假孩子没人看，有暑托班吗", "holiday-care"},
	{"宝宝一岁半，想找个托育园全天托", "full-day"},
	{"想半日托，就上午托四个小时", "half-day"},
	{"今天临时有事，想临时托一天宝宝", "temporary"},
	{"找钟点工打扫卫生，擦玻璃", "cleaning"},
	{"油烟机太脏了想清洗一下，洗油烟机多少钱", "appliance"},
	{"我爸腿脚不好，想请师傅上门理发", "haircut"},
	{"被子太重洗不动，有没有上门收洗被子的", "laundry"},
	{"想找个月嫂，下个月预产期", "nanny"},
	{"高龄津贴怎么办，我不会用手机办", "gov-agent"},
	{"下岗半年了，想找工作", "job-match"},
	{"想量血压，最近头有点晕", "bp-glucose"},
	{"想签一个家庭医生", "family-doctor"},
	{"老伴的导尿管要换，能不能护士上门", "home-nursing"},
	{"中风后想做康复训练", "rehab"},
	{"药吃完了，帮我去医院取药", "medicine-delivery"},
	{"腰疼，想约推拿", "tcm"},
	{"想陪我妈聊天解解闷，她一个人太孤单了，谁能陪老人聊天", "emotional-comfort"},
	{"帮忙买菜，我摔伤了出不了门", "errand"},
	{"下周二陪我去医院看病，我一个人不行，需要陪诊", "errand"},
	{"卫生间想装扶手，怕老人滑倒", "home-adaptation"},
	{"白天家里没人，想送老人去日间照料", "day-care"},
	{"我要出差一周，想请人临时照看老人", "respite"},
	{"母亲卧床长了褥疮，需要护理", "basic-nursing"},
	{"老人生活不能自理，想找护工照顾老人吃饭穿衣", "living-care"},
	{"想订羽毛球场地，周六下午两小时", "court"},
	{"健身房晚上几点关门，想预约", "gym"},
	{"有没有教太极拳的", "guided-class"},
	{"想测一下体质，体质监测在哪做", "physique-test"},
	{"想报书法班", "class"},
	{"社区什么时候放电影", "show"},
	{"阅览室能借书吗", "library"},
	{"我想学用智能手机，视频通话老不会", "elder-school"},
	{"邻里节跳蚤市场怎么报名", "festival"},
	{"隔壁王奶奶几天没出门了，敲门没人应，去看看", "home-visit"},
	{"请安排人上门探访独居的李大爷", "home-visit"},
	{"每天打个电话问问我妈好不好，报平安就行", "call-visit"},
	{"想申请轮椅，腿不能走路", "disability-aid"},
	{"家里揭不开锅了，想申请临时救助", "hardship-aid"},
	{"村口那个留守儿童没人照看", "left-behind"},
	{"闻到煤气味，快来人", "gas-check"},
	{"厨房燃气管老化，想检查燃气", "gas-check"},
	{"电梯坏了，老人下不去", "lift-fault"},
	{"有人困在电梯里了，8号楼", "lift-fault"},
	{"浴室太滑想铺防滑垫", "fall-proofing"},
	{"想装烟感，独居老人家里", "smoke-install"},
	{"楼上半夜跺脚，吵得睡不着，和邻居说不通", "neighbor"},
	{"楼上漏水到我家，他不承认", "neighbor"},
	{"物业费涨价不公示，物业不作为", "property-dispute"},
	{"想咨询律师遗产继承的事", "legal-advice"},
	{"孩子失眠焦虑，想做心理咨询", "psych"},
	{"有人把电瓶车推上楼充电，楼道充电太危险", "patrol"},
	{"我爸晕倒了叫不醒", "first-aid"},
	{"楼下着火了冒浓烟", "flood-fire"},
	{"地下车库进水了，水往上涨", "flood-fire"},
	{"小区想组织消防演练", "drill"},
	{"开发商延期交房，购房合同写的去年六月", "office:housing"},
	{"公交车半小时不来一班", "office:traffic"},
	{"工地夜间施工扰民", "office:environment"},
	{"老板拖欠工资三个月", "office:labor"},
	{"孩子入学学位不够", "office:education"},
	{"路边流动摊贩占道经营", "office:urban-management"},
	{"网贷平台暴力催收", "office:finance"},
	{"理发店充值卡不退款，老板跑路", "office:market"},
	{"你好，有个事想问一下", ""},
	{"今天天气不错", ""},
}

func TestPeopleAreUnderstoodInTheirOwnWords(t *testing.T) {
	t.Parallel()
	town, err := newTown()
	if err != nil {
		t.Fatal(err)
	}
	offices, err := readOffices()
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(t.Context(), town, offices)
	if err != nil {
		t.Fatal(err)
	}
	wrong, unsure := 0, 0
	for _, s := range said {
		var u Understanding
		r.classify(text.Doc{Body: s.text}, &u)
		got := cmp.Or(string(u.Spec), u.Office)
		if u.Office != "" {
			got = toOffice + u.Office
		}
		switch {
		case u.Certainty < accept:
			if s.means != "" {
				unsure++
				t.Logf("unsure: %q means %s, read %s at %.2f", s.text, s.means, got, u.Certainty)
			}
		case got != s.means:
			wrong++
			t.Logf("wrong: %q means %q, read %s at %.2f because of %+v", s.text, s.means, got, u.Certainty, u.Words)
		}
		if len(u.Guesses) > 0 && len(u.Words) == 0 {
			t.Errorf("%q was read as %s without a reason", s.text, got)
		}
	}
	if wrong > 0 || unsure > len(said)/12 {
		t.Errorf("of %d sentences %d were misread and %d went to a clerk", len(said), wrong, unsure)
	}
}

func TestWordsOfDangerAreSeenInAnySentence(t *testing.T) {
	t.Parallel()
	town, err := newTown()
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(t.Context(), town, nil)
	if err != nil {
		t.Fatal(err)
	}
	for sentence, danger := range map[string]bool{
		"想装扶手，我妈上个月摔倒过": true, "邻居家好像煤 气 泄漏了": true, "他说活着没意思": true, "孩子走丢了": true,
		"想订午餐": false, "电梯坏了": false, "": false,
	} {
		var u Understanding
		r.classify(text.Doc{Body: sentence}, &u)
		if (len(u.Danger) > 0) != danger {
			t.Errorf("%q: danger %v", sentence, u.Danger)
		}
	}
}

func TestEveryOfficeNamesItsSourceAndItsWords(t *testing.T) {
	t.Parallel()
	offices, err := readOffices()
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range offices {
		if o.Code == "" || o.Zh == "" || o.En == "" || o.Source == "" || o.Confidence == "" || len(o.Words) == 0 {
			t.Errorf("office %d: %+v", i, o)
		}
	}
}
