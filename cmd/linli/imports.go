package main

import (
	"context"
	"strings"

	"linli"
	"linli/app"
)

type imports struct {
	Map importMap `cmd:"" help:"Import buildings, roads and water from OSM XML, PBF or GeoJSON files. 导入地图。"`
}

type importMap struct {
	place
	Region []string `help:"Community as CODE=NAME, 12 digits, e.g. 310101001001=康乐社区; repeat to lay several over the map." required:""`
	Paths  []string `arg:"" name:"path" help:"Map files, packed or not."`
}

// Run imports the files as one map. Importing the same map again changes nothing.
func (m *importMap) Run(ctx context.Context, c *console) error {
	var regions []app.Region
	for _, r := range m.Region {
		code, name, ok := strings.Cut(r, "=")
		if !ok {
			return linli.Invalidf("region", "社区要写成 代码=名称：%s", "a community is written as CODE=NAME: %s", r)
		}
		regions = append(regions, app.Region{Code: linli.Place(code), Name: name})
	}
	return withApp(ctx, c, m.place, func(a *app.App) error {
		report, err := a.ImportMap(ctx, m.Paths, regions)
		if err == nil {
			c.say("建筑 buildings %d · 新增 new %d · 更新 updated %d · 未变 unchanged %d · 跳过 skipped %d", report.Rows, report.Created, report.Updated, report.Unchanged, report.Skipped)
			if report.Ways > 0 {
				c.say("路段 pieces of way %d：路程按路网计算 travel times follow them", report.Ways)
			}
		}
		return err
	})
}
