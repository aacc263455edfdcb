package catalog

import (
	"regexp"
	"strings"

	"linli"
)

var slug = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

func (r *Named) check(*snapshot) error {
	if strings.TrimSpace(r.Zh) == "" || strings.TrimSpace(r.En) == "" {
		return linli.Invalid("zh", "中英文名称都要填", "both names are needed")
	}
	return nil
}

func (r *Item) check(n *snapshot) error {
	if err := r.Named.check(n); err != nil {
		return err
	}
	if _, err := find(n.categories, r.Category); err != nil {
		return linli.Invalid("category", "没有这个大类："+r.Category, "there is no category "+r.Category)
	}
	return nil
}

func (r *Spec) check(n *snapshot) error {
	if err := r.Named.check(n); err != nil {
		return err
	}
	if _, err := find(n.items, string(r.Item)); err != nil {
		return linli.Invalid("item", "没有这个子项："+string(r.Item), "there is no item "+string(r.Item))
	}
	if _, err := find(n.prices, r.Price); err != nil {
		return linli.Invalid("price", "没有这个价格模式："+r.Price, "there is no price model "+r.Price)
	}
	if n.current[r.SOP] == "" {
		return linli.Invalid("sop", "没有已发布的作业规程："+r.SOP, "there is no published procedure "+r.SOP)
	}
	if (r.Mode == linli.ByFacility) != (r.Facility != "") {
		return linli.Invalid("facility", "到店服务要填场所类型，其他方式不填", "a facility kind goes with mode facility and only with it")
	}
	if r.Mode != linli.ByWorker && len(r.Skills) > 0 {
		return linli.Invalid("skills", "只有上门服务才要求人员技能", "skills are only for services by workers")
	}
	for _, sk := range r.Skills {
		if !slug.MatchString(sk.Code) || sk.Level < 1 || sk.Level > 5 {
			return linli.Invalid("skills", "技能要有代码，等级 1–5："+sk.Code, "a skill needs a code and a level from 1 to 5: "+sk.Code)
		}
	}
	if r.Consent != "" && !slug.MatchString(r.Consent) {
		return linli.Invalid("consent", "同意用途须为小写代码", "the purpose of consent is a lower-case code")
	}
	return nil
}

func (r *SLA) check(n *snapshot) error {
	if err := r.Named.check(n); err != nil {
		return err
	}
	if r.Contact < r.Accept {
		return linli.Invalid("contact_min", "联系时限不能短于接单时限", "the limit to contact cannot be shorter than the limit to accept")
	}
	if r.Close > 0 && r.Close < r.Start {
		return linli.Invalid("close_min", "办结时限不能短于到场时限", "the limit to close cannot be shorter than the limit to arrive")
	}
	for i := range r.Escalates {
		if i > 0 && r.Escalates[i].After <= r.Escalates[i-1].After {
			return linli.Invalid("escalates", "升级时间要一级比一级晚", "each escalation must come later than the one before")
		}
	}
	return nil
}

func (w *Word) check(n *snapshot) error {
	if w.Spec != Danger {
		if _, err := find(n.specs, w.Spec); err != nil {
			return linli.Invalid("spec", "没有这个服务规格："+w.Spec, "there is no specification "+w.Spec)
		}
	}
	if len(w.All)+len(w.Any) == 0 {
		return linli.Invalid("any", "至少填一个词", "at least one word is needed")
	}
	for _, list := range [][]string{w.All, w.Any, w.None} {
		for _, word := range list {
			if n := len([]rune(strings.TrimSpace(word))); n < 1 || n > 40 {
				return linli.Invalid("any", "每个词 1–40 个字", "a word has 1 to 40 characters")
			}
		}
	}
	return nil
}
