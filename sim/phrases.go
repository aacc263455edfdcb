package sim

import "linli"

// phrases are the ways people of the town say what they need, by specification.
// {who} becomes a person, {when} a time or nothing.
var phrases = map[linli.SpecCode][]string{
	"living-care":       {"{who}这几天腿脚不便，想请人上门帮忙穿衣吃饭{when}", "我妈刚出院，白天没人照看，{when}能不能来人搭把手"},
	"bathing":           {"{who}自己洗不了澡，想约助浴{when}", "老人三个月没好好洗澡了，麻烦{when}安排两位师傅来帮着洗"},
	"errand":            {"{who}眼睛不好，想请人{when}陪着去趟银行", "帮老人代买点米和油，{when}送上来"},
	"emotional-comfort": {"{who}一个人住，想有人{when}来陪着说说话", "老爷子最近闷得慌，能不能有人{when}来聊聊天读读报"},
	"family-doctor":     {"{who}血压一直高，想请家庭医生{when}来看看用药", "想约家庭医生{when}上门随访，糖尿病好几年了"},
	"home-nursing":      {"伤口要换药，{who}下不了楼，{when}能上门吗", "胃管该换了，请护士{when}来一趟"},
	"medicine-delivery": {"高血压的药快吃完了，{when}能不能帮忙代取", "{who}的药在社区医院开好了，请帮着取回来"},
	"meal-delivery":     {"{who}中午没法做饭，想订送餐{when}", "午饭送一份到家里，少盐，{when}"},
	"dine-in":           {"想{when}去社区食堂吃午饭，两个人", "{when}来食堂吃饭，帮我留个座"},
	"cleaning":          {"家里想做一次保洁{when}，主要是厨房", "擦窗户加打扫，{when}有人吗"},
	"haircut":           {"{who}走不动，想请师傅{when}上门理发", "老人头发长了，{when}能来剪一下吗"},
	"appliance":         {"油烟机太脏了，想请人{when}来清洗", "空调该洗了，{when}可以上门吗"},
	"gov-agent":         {"想代办一下老年证，{who}跑不动", "医保的手续能不能帮着办一下{when}"},
	"plumbing":          {"厨房水管漏水，地上都是水", "下水道堵了，水返上来了", "家里突然没电了，别家都有", "水龙头关不住，一直滴"},
	"lift-fault":        {"电梯又停了，十几楼老人下不来", "电梯门关不上，晃得厉害"},
	"gas-check":         {"想请人{when}来查一下灶具和燃气管", "热水器打火老是灭，{when}帮忙看看燃气"},
	"neighbor":          {"楼上半夜拖桌子，说了几次都不听，想请社区调解", "邻居把杂物堆在楼道里，吵过两回了"},
	"legal-advice":      {"房子过户给孩子，想咨询一下律师{when}", "租房押金不退，想问问法律上怎么办"},
	"psych":             {"孩子最近不肯上学，想找人做心理疏导{when}", "老伴走了以后一直睡不着，想找人聊聊"},
	"home-visit":        {"楼下{who}好几天没见出门了，请社区去看看", "我在外地，麻烦{when}去看看我爸"},
	"first-aid":         {"{who}摔倒了起不来，快来人", "老人突然胸口疼，喘不上气"},
	"smoke-install":     {"想给老人家里装个烟感{when}", "厨房想装一个烟雾报警器，{when}"},
	"court":             {"想订{when}的羽毛球场地", "{when}打乒乓球，有空位吗"},
	"play-space":        {"{when}想带孩子去游戏室玩", "周末小朋友的活动室还能约吗，{when}"},
	"class":             {"想报{when}的书法兴趣课", "广场舞班{when}还收人吗"},
	"library":           {"{when}去阅览室看书，帮我约个位", "想去社区图书室坐坐{when}"},
	"bp-glucose":        {"{when}想来站里量个血压测个血糖", "血糖仪坏了，{when}去社区站测一下"},
	"hourly":            {"{when}家里有事，想把两岁的宝宝托几个小时", "临时要出门，计时托{when}还有名额吗"},
	"after-school":      {"放学没人接，想{when}给孩子约课后托管", "五点前赶不回来，孩子{when}能放在托管点吗"},
}

// vague messages nobody can read a service from: they wait for a clerk.
var vague = []string{"你好，想问一下", "上次说的那个事怎么样了", "我们这边能不能也弄一个", "请回电", "有人在吗，急", "那个怎么申请"}

// beyond are matters of other offices: they are referred.
var beyond = []string{"小区门口的路灯坏了半个月没人修", "开发商延期交房，房产证一直不给办", "公交 12 路能不能在我们这里加一站", "夜里工地还在打桩，噪音太大", "孩子学区划分不合理，希望重新考虑"}

var (
	whos  = []string{"老伴", "我妈", "我爸", "奶奶", "楼下王阿姨", "婆婆", "爷爷"}
	whens = []string{"", "明天上午", "今天下午", "后天", "明天下午三点", "今晚", "明早九点", "尽快"}
)
