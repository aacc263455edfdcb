package catalog

import (
	"context"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// View is the whole catalog as the screens read it.
type View struct {
	Categories []Named    `json:"categories"`
	Items      []Item     `json:"items"`
	Specs      []SpecView `json:"specs"`
	SLAs       []SLA      `json:"slas"`
	Prices     []Named    `json:"prices"`
}

// SpecView is a specification with the procedure version new orders pin.
type SpecView struct {
	Spec
	SOPVersion string `json:"sop_version"`
}

type editInput[T any] struct {
	Code string `path:"code" maxLength:"60"`
	web.IfMatch
	Body T
}

type (
	idPath struct {
		ID string `path:"id" maxLength:"60"`
	}
	wordQuery struct {
		Spec string `query:"spec" maxLength:"40" doc:"only rows of this specification, or danger"`
	}
	wordInput struct{ Body Word }
	wordGone  struct {
		Code string `path:"code" maxLength:"60"`
		web.IfMatch
	}
	sopQuery struct {
		SOP   string `query:"sop" maxLength:"40" doc:"only versions of this procedure"`
		State string `query:"state" enum:"draft,trial,published,retired,"`
	}
	sopInput struct {
		Code string `path:"code" maxLength:"40" doc:"code of the procedure"`
		Body SOPText
	}
	sopEdit struct {
		ID string `path:"id" maxLength:"60"`
		web.IfMatch
		Body SOPText
	}
	sopMove struct {
		ID string `path:"id" maxLength:"60"`
		web.IfMatch
	}
)

// Routes mounts the catalog.
func (s *Service) Routes(r *web.Router) {
	route := func(method, path, id string, may auth.Permission, zh, en string) web.Route {
		return web.Route{Method: method, Path: "/api/v1" + path, ID: id, May: may, Zh: zh, En: en, Tag: "catalog"}
	}
	creates := func(rt web.Route) web.Route { rt.Creates = true; return rt }

	web.Handle(r, route("GET", "/catalog", "catalog-get", "catalog.read", "服务目录", "the whole catalog"), s.getCatalog)
	edit[Named](s, r, route("PUT", "/catalog/categories/{code}", "catalog-category-edit", "catalog.write", "改大类", "edit a category"), "category", func(v *Named, code string) { v.Code = code })
	edit[Item](s, r, route("PUT", "/catalog/items/{code}", "catalog-item-edit", "catalog.write", "改子项", "edit an item"), "item", func(v *Item, code string) { v.Code = code })
	edit[Spec](s, r, route("PUT", "/catalog/specs/{code}", "catalog-spec-edit", "catalog.write", "改服务规格", "edit a specification"), "spec", func(v *Spec, code string) { v.Code = code })
	edit[SLA](s, r, route("PUT", "/catalog/slas/{code}", "catalog-sla-edit", "catalog.write", "改时限等级", "edit a promise class"), "sla", func(v *SLA, code string) { v.Code = code })
	edit[Named](s, r, route("PUT", "/catalog/prices/{code}", "catalog-price-edit", "catalog.write", "改价格模式", "edit a price model"), "price", func(v *Named, code string) { v.Code = code })

	web.Handle(r, route("GET", "/catalog/words", "catalog-words", "catalog.read", "词表", "the lexicon"), s.getWords)
	web.Handle(r, creates(route("POST", "/catalog/words", "catalog-word-add", "catalog.write", "加词", "add a row to the lexicon")), s.addWord)
	edit[Word](s, r, route("PUT", "/catalog/words/{code}", "catalog-word-edit", "catalog.write", "改词", "edit a row of the lexicon"), "word", func(v *Word, code string) { v.Code = code })
	web.Handle(r, route("DELETE", "/catalog/words/{code}", "catalog-word-delete", "catalog.write", "删词", "delete a row of the lexicon"), s.deleteWord)

	web.Handle(r, route("GET", "/sops", "catalog-sops", "catalog.read", "作业规程", "procedures in all versions"), s.getSOPs)
	web.Handle(r, route("GET", "/sops/{id}", "catalog-sop-get", "catalog.read", "看规程", "one version of a procedure"), s.getSOP)
	web.Handle(r, creates(route("POST", "/sops/{code}/drafts", "catalog-sop-draft", "catalog.write", "新建草稿", "make a draft version")), s.addDraft)
	web.Handle(r, route("PUT", "/sops/{id}", "catalog-sop-edit", "catalog.write", "改草稿", "edit a draft"), s.editDraft)
	for _, m := range []struct {
		path, zh, en string
		to           SOPState
	}{{"trial", "试行", "start the trial", Trial}, {"publish", "发布规程", "publish the version", Published}, {"retire", "停用规程", "retire the version", Retired}} {
		web.Handle(r, route("POST", "/sops/{id}/"+m.path, "catalog-sop-"+m.path, "catalog.write", m.zh, m.en),
			func(ctx context.Context, in *sopMove) (*web.OutRev[SOP], error) {
				rev, err := in.Rev()
				if err != nil {
					return nil, err
				}
				sop, err := s.Move(ctx, auth.From(ctx), in.ID, rev, m.to)
				return web.WithRev(sop.Rev, sop), err
			})
	}
}

func (s *Service) getCatalog(context.Context, *struct{}) (*web.Out[View], error) {
	n := s.snap.Load()
	v := View{Categories: n.categories, Items: n.items, SLAs: n.slas, Prices: n.prices, Specs: make([]SpecView, len(n.specs))}
	for i, spec := range n.specs {
		v.Specs[i] = SpecView{spec, n.current[spec.SOP]}
	}
	return &web.Out[View]{Body: v}, nil
}

// edit registers the PUT of one kind of row. The code comes from the path, the revision from If-Match.
func edit[T any](s *Service, r *web.Router, rt web.Route, kind string, name func(v *T, code string)) {
	web.Handle(r, rt, func(ctx context.Context, in *editInput[T]) (*web.OutRev[T], error) {
		rev, err := in.Rev()
		if err != nil {
			return nil, err
		}
		if rev < 1 {
			return nil, stale()
		}
		name(&in.Body, in.Code)
		var m Meta
		err = s.db.Write(ctx, func(tx db.Tx) error {
			m, err = s.put(ctx, tx, auth.From(ctx), kind, any(&in.Body).(row), rev)
			return err
		})
		if err != nil {
			return nil, err
		}
		return web.WithRev(m.Rev, in.Body), s.Refresh(ctx)
	})
}

func (s *Service) getWords(_ context.Context, in *wordQuery) (*web.Out[web.List[Word]], error) {
	out := &web.Out[web.List[Word]]{Body: web.List[Word]{Items: []Word{}}}
	for _, w := range s.snap.Load().words {
		if in.Spec == "" || w.Spec == in.Spec {
			out.Body.Items = append(out.Body.Items, w)
		}
	}
	return out, nil
}

func (s *Service) addWord(ctx context.Context, in *wordInput) (out *web.OutRev[Word], err error) {
	w := in.Body
	w.Code = linli.NewID("wrd", s.now())
	if w.Source == "" {
		w.Source, w.Confidence = "本街道", "local"
	}
	err = s.db.Write(ctx, func(tx db.Tx) error {
		m, err := s.put(ctx, tx, auth.From(ctx), "word", &w, 0)
		if err != nil {
			return err
		}
		out = web.WithRev(m.Rev, w)
		return web.Remember(ctx, tx, out)
	})
	if err != nil {
		return nil, err
	}
	return out, s.Refresh(ctx)
}

func (s *Service) deleteWord(ctx context.Context, in *wordGone) (*web.NoBody, error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx db.Tx) error { return s.remove(tx, auth.From(ctx), "word", in.Code, rev) })
	if err != nil {
		return nil, err
	}
	return nil, s.Refresh(ctx)
}

func (s *Service) getSOPs(_ context.Context, in *sopQuery) (*web.Out[web.List[SOP]], error) {
	out := &web.Out[web.List[SOP]]{Body: web.List[SOP]{Items: []SOP{}}}
	for _, sop := range s.Procedures() {
		if (in.SOP == "" || sop.SOP == in.SOP) && (in.State == "" || string(sop.State) == in.State) {
			out.Body.Items = append(out.Body.Items, sop)
		}
	}
	return out, nil
}

func (s *Service) getSOP(_ context.Context, in *idPath) (*web.OutRev[SOP], error) {
	sop, err := s.Procedure(in.ID)
	return web.WithRev(sop.Rev, sop), err
}

func (s *Service) addDraft(ctx context.Context, in *sopInput) (out *web.OutRev[SOP], err error) {
	err = s.db.Write(ctx, func(tx db.Tx) error {
		sop, err := s.DraftFrom(ctx, tx, auth.From(ctx), in.Code, in.Body)
		if err != nil {
			return err
		}
		out = web.WithRev(sop.Rev, sop)
		return web.Remember(ctx, tx, out)
	})
	if err != nil {
		return nil, err
	}
	return out, s.Refresh(ctx)
}

func (s *Service) editDraft(ctx context.Context, in *sopEdit) (*web.OutRev[SOP], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	sop, err := s.EditDraft(ctx, auth.From(ctx), in.ID, rev, in.Body)
	return web.WithRev(sop.Rev, sop), err
}
