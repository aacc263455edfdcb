// Every component of the console and the core in its states, for photographs and the accessibility run. Not part of the product.
import { App, Button } from 'antd';
import { useMemo, useState } from 'react';
import { sampleCells } from '@/map/sampleCells';
import {
  ChartPanel,
  Facts,
  FilterBar,
  HeatLegend,
  LaneCard,
  MapPanel,
  Page,
  Panel,
  Section,
  SidePanel,
  WorkerLanes,
  WorkList,
} from '../console';
import {
  AsOf,
  DoorPlate,
  KpiRow,
  LevelMark,
  Money,
  PerfFlag,
  PersonName,
  StatePanel,
  Steps,
  TimeLeft,
  Why,
} from '../core';
import { kpis, lanes, type Row, rows, today, town } from './sample';

export function ConsoleGallery() {
  const [sel, setSel] = useState<string | undefined>('o1');
  const [filter, setFilter] = useState<{ state?: string; item?: string; q?: string }>({ state: '' });
  const [block, setBlock] = useState<string>();
  // ?rows=3000 makes the list long enough to be drawn piece by piece
  const many = Number(new URLSearchParams(location.search).get('rows') ?? 0);
  const shown = useMemo(
    () =>
      many
        ? Array.from({ length: many }, (_, i) => ({ ...(rows[i % rows.length] as Row), id: `r${i}` }))
        : rows,
    [many],
  );
  const row = shown.find((r) => r.id === sel);
  return (
    <App>
      <Page
        title="服务单"
        note={<AsOf at={today + 11 * 3600_000} />}
        act={<Button type="primary">登记需求</Button>}
        side={row ? <Chosen row={row} onClose={() => setSel(undefined)} /> : undefined}
      >
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(4, 1fr)', gap: 'var(--s-4)' }}>
          <LaneCard
            title="红色告警"
            value={1}
            unit="件"
            severity={4}
            detail="康乐 3 号楼一户 9 小时没有动静"
          />
          <LaneCard title="即将超时" value={3} unit="单" detail="最近 6 分：永安 12-2-301 水管漏水" />
          <LaneCard title="待派单" value={17} unit="单" detail="其中 4 单今天上午" />
          <LaneCard title="在岗" value={42} unit="人" detail="空闲 11 人 · 护理 3 人" />
        </div>
        <FilterBar
          filters={[
            {
              kind: 'tabs',
              key: 'state',
              label: '状态',
              options: [
                { value: '', label: '进行中', count: 63 },
                { value: 'wait', label: '待派单', count: 17 },
                { value: 'late', label: '已超时', count: 1 },
                { value: 'closed', label: '已办结' },
              ],
            },
            {
              kind: 'select',
              key: 'item',
              label: '子项',
              options: [{ value: 'elder-care', label: '居家养老' }],
            },
            { kind: 'search', key: 'q', label: '门牌、姓名、单号' },
          ]}
          value={filter}
          onChange={(p) => setFilter({ ...filter, ...p })}
        />
        <Panel flush>
          <WorkList
            label="服务单"
            rows={shown}
            maxHeight={many ? '480px' : undefined}
            id={(r: Row) => r.id}
            selected={sel}
            onSelect={(r) => setSel(r.id)}
            onOpen={(r) => setSel(r.id)}
            columns={[
              {
                key: 'l',
                title: '',
                width: '64px',
                render: (r) => (r.severity ? <LevelMark severity={r.severity} /> : null),
              },
              { key: 'p', title: '地址', width: '140px', render: (r) => <DoorPlate label={r.plate} /> },
              {
                key: 'w',
                title: '居民',
                width: 'minmax(120px, 1fr)',
                render: (r) => <PersonName name={r.who} note={r.note} />,
              },
              { key: 's', title: '服务', width: 'minmax(96px, 1fr)', render: (r) => r.what },
              { key: 'n', title: '人员', width: '72px', render: (r) => r.worker ?? '—' },
              { key: 'st', title: '状态', width: '64px', render: (r) => r.state },
              {
                key: 't',
                title: '剩余时间',
                width: '124px',
                right: true,
                render: (r) => <TimeLeft due={r.due} from={r.from} paused={r.paused} />,
              },
            ]}
          />
        </Panel>
        <Panel
          title="五项核心指标"
          note="本月 1 日至今 · 康乐街道"
          act={<Button type="text">口径说明</Button>}
        >
          {kpis.map((k) => (
            <KpiRow key={k.name} kpi={k} openRows={<a href="#rows">看明细</a>} />
          ))}
        </Panel>
        <div style={{ height: 226 }}>
          <WorkerLanes
            lanes={lanes}
            label="班次"
            now={9 * 60 + 52}
            selected={block}
            onSelect={(b) => setBlock(b.id)}
          />
        </div>
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 'var(--s-4)' }}>
          <ChartPanel
            finding="午餐需求 11 点最集中，周三比预测多 38 份"
            about="助餐需求，份，每小时，11 月 23 日"
            asOf={today + 11 * 3600_000}
            spec={{
              kind: 'bar',
              categoryName: '时间',
              categories: ['8', '9', '10', '11', '12', '13', '14', '15', '16', '17'].map((h) => `${h} 时`),
              series: [{ name: '份数', values: [14, 22, 61, 187, 143, 58, 19, 12, 37, 96] }],
              unit: '份',
              target: 150,
            }}
          />
          <ChartPanel
            finding="响应时长连降六周，已低于 30 分"
            about="响应时长中位数，分，每周"
            spec={{
              kind: 'line',
              categoryName: '周',
              categories: ['10-05', '10-12', '10-19', '10-26', '11-02', '11-09', '11-16', '11-23', '11-30'],
              series: [
                { name: '实际', values: [44, 41, 38, 33, 31, 27, 23, null, null] },
                {
                  name: '预测',
                  role: 'forecast',
                  values: [null, null, null, null, null, null, 23, 22, 22],
                  band: [null, null, null, null, null, null, [23, 23], [18, 26], [16, 29]],
                },
              ],
              unit: '分',
              target: 30,
            }}
          />
        </div>
        <Panel title="需求热力图" note="助餐 · 今天 08:00–12:00" flush>
          <Heat />
        </Panel>
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, 1fr)', gap: 'var(--s-4)' }}>
          <Panel title="等级与标记">
            <p style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
              {[4, 3, 2, 1].map((n) => (
                <LevelMark key={n} severity={n} />
              ))}
            </p>
            <p style={{ display: 'flex', gap: 8, flexWrap: 'wrap', paddingTop: 12 }}>
              <PerfFlag level="red" />
              <PerfFlag level="yellow" streak={2} />
              <PerfFlag level="blue" />
              <PerfFlag level="gray" />
            </p>
            <p style={{ paddingTop: 12 }}>
              <DoorPlate label="康乐 3-502" size="page" /> <Money fen={123450} unit />
            </p>
          </Panel>
          <Panel title="待派单">
            <StatePanel state="empty" title="没有待派的服务单。" act={<Button>登记需求</Button>} />
          </Panel>
          <Panel title="居民档案">
            <StatePanel state="forbidden" title="健康档案只对签约医生开放。" detail="编号 7f3a" />
          </Panel>
          <Panel title="水表">
            <StatePanel state="setup" title="还没有接入水表。" act={<Button>去接入</Button>} />
          </Panel>
          <Panel title="派单">
            <StatePanel
              state="error"
              title="派单没有成功，服务单还在待派。"
              detail="编号 01JDA7F3"
              act={<Button>再试一次</Button>}
            />
          </Panel>
          <Panel title="读取中">
            <StatePanel state="loading" />
          </Panel>
        </div>
      </Page>
    </App>
  );
}

function Chosen({ row, onClose }: { row: Row; onClose: () => void }) {
  return (
    <SidePanel
      label={row.plate}
      onClose={onClose}
      head={
        <>
          <DoorPlate label={row.plate} />
          {row.severity ? <LevelMark severity={row.severity} /> : null}
          <TimeLeft due={row.due} from={row.from} paused={row.paused} />
        </>
      }
      acts={
        <>
          <Button type="primary">派给周敏</Button>
          <Button>派给别人</Button>
          <Button type="text">打电话</Button>
        </>
      }
    >
      <Section title={row.what} note="P2 · 半小时内接单">
        <Facts
          rows={[
            ['居民', <PersonName key="p" name={row.who} note={row.note} onReveal={async () => '王桂兰'} />],
            ['约定', '今天 10:00–11:00'],
            ['来源', '居民电话，小程序同时报过 1 次'],
            ['标准', '助浴服务规程 第 4 版，9 步'],
          ]}
        />
      </Section>
      <Section title="进度">
        <Steps
          steps={[
            { name: '登记', at: row.from },
            { name: '派单', at: '' },
            { name: '接单' },
            { name: '到场' },
            { name: '办结' },
          ]}
        />
      </Section>
      <Section title="推荐周敏">
        <Why
          reasons={[
            { text: '有助浴证，2027-03 到期' },
            { text: '离得最近，步行 6 分', part: '+0.31' },
            { text: '上次也是她，王女士打 5 分', part: '+0.22' },
            { text: '会把 13:30 的康复训练推后 5 分', against: true },
          ]}
          refused={[
            { name: '李秀英', because: '没有助浴证' },
            { name: '高敏', because: '班次外，15:00 上班' },
            { name: '孙建华', because: '会挤掉平江里 5-101 的约定' },
          ]}
        />
      </Section>
    </SidePanel>
  );
}

function Heat() {
  const { cells, values } = useMemo(sampleCells, []);
  const base = useMemo(town, []);
  return (
    <MapPanel
      label="需求热力图"
      height={420}
      base={base}
      heat={{ cells, values }}
      markers={[
        { id: 'm1', lng: 121.4925, lat: 31.2425, kind: 'alarm', severity: 4 },
        { id: 'm2', lng: 121.4962, lat: 31.2448, kind: 'alarm', severity: 3 },
        { id: 'm3', lng: 121.4981, lat: 31.2412, kind: 'alarm', severity: 2 },
        { id: 'm4', lng: 121.5012, lat: 31.2437, kind: 'alarm', severity: 1 },
        { id: 'm5', lng: 121.4941, lat: 31.2464, kind: 'worker' },
        { id: 'm6', lng: 121.4995, lat: 31.2462, kind: 'order' },
        { id: 'm7', lng: 121.5028, lat: 31.2402, kind: 'facility' },
      ]}
      routes={[
        {
          id: 'r',
          path: [
            [121.4941, 31.2464],
            [121.4964, 31.2446],
            [121.4995, 31.2462],
          ],
        },
      ]}
      selected="m1"
      attribution="演示数据"
      legend={<HeatLegend title="每格需求，件，今天 08:00–12:00" low="1" high="42" />}
    />
  );
}
