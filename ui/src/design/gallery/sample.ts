// A believable hour of the demonstration town, for the gallery only.
import type { FeatureCollection } from 'geojson';
import { serverNow } from '../clock';
import type { Lane } from '../console/lanes';
import type { Kpi } from '../core';
import { startOfDay } from '../format';

const min = 60_000;
const now = serverNow();

export interface Row {
  id: string;
  plate: string;
  who: string;
  note?: string;
  what: string;
  state: string;
  worker?: string;
  from: number;
  due: number;
  paused?: boolean;
  severity?: number;
}

export const rows: Row[] = [
  {
    id: 'o1',
    plate: '康乐 3-502',
    who: '王女士',
    note: '82 岁 · 独居',
    what: '助浴',
    state: '待派单',
    from: now - 62 * min,
    due: now - 4 * min,
    severity: 4,
  },
  {
    id: 'o2',
    plate: '永安 12-2-301',
    who: '陈先生',
    what: '水管漏水',
    state: '已接单',
    worker: '赵国强',
    from: now - 25 * min,
    due: now + 6 * min,
    severity: 3,
  },
  {
    id: 'o3',
    plate: '春晖 7-1103',
    who: '刘女士',
    note: '孕 32 周',
    what: '上门产检预约',
    state: '待派单',
    from: now - 8 * min,
    due: now + 22 * min,
  },
  {
    id: 'o4',
    plate: '康乐 1-204',
    who: '周先生',
    note: '76 岁',
    what: '送午餐',
    state: '在路上',
    worker: '李秀英',
    from: now - 20 * min,
    due: now + 38 * min,
  },
  {
    id: 'o5',
    plate: '平江里 5-101',
    who: '吴女士',
    what: '电梯困人回访',
    state: '已到场',
    worker: '孙建华',
    from: now - 50 * min,
    due: now + 70 * min,
  },
  {
    id: 'o6',
    plate: '永安 4-1-602',
    who: '郑先生',
    what: '接送孩子',
    state: '已接单',
    worker: '林晓',
    from: now - 5 * min,
    due: now + 95 * min,
  },
  {
    id: 'o7',
    plate: '春晖 2-903',
    who: '何女士',
    note: '双职工',
    what: '晚间托管',
    state: '已接单',
    worker: '高敏',
    from: now - 40 * min,
    due: now + 140 * min,
  },
  {
    id: 'o8',
    plate: '康乐 6-103',
    who: '马先生',
    note: '失能',
    what: '压疮护理',
    state: '已暂停',
    worker: '周敏',
    from: now - 200 * min,
    due: now + 20 * min,
    paused: true,
  },
  {
    id: 'o9',
    plate: '平江里 9-3-404',
    who: '徐女士',
    what: '家电维修',
    state: '待派单',
    from: now - 15 * min,
    due: now + 225 * min,
  },
];

const at = (h: number, m = 0) => h * 60 + m;
export const lanes: Lane[] = [
  {
    id: 'w1',
    name: '周敏',
    note: '护理 · 有助浴证 · 电动车',
    shifts: [{ from: at(8), to: at(17) }],
    blocks: [
      {
        id: 'b1',
        from: at(8, 30),
        to: at(9, 30),
        kind: 'visit',
        label: '康乐 6-103',
        note: '压疮护理',
        told: true,
      },
      { id: 't1', from: at(9, 30), to: at(9, 42), kind: 'travel', label: '' },
      {
        id: 'b2',
        from: at(9, 45),
        to: at(10, 45),
        kind: 'visit',
        label: '康乐 3-502',
        note: '助浴',
        late: true,
      },
      { id: 'b3', from: at(13, 30), to: at(14, 30), kind: 'visit', label: '春晖 2-101', note: '康复训练' },
    ],
  },
  {
    id: 'w2',
    name: '赵国强',
    note: '维修 · 电工证',
    shifts: [{ from: at(8), to: at(20) }],
    blocks: [
      {
        id: 'b4',
        from: at(9),
        to: at(9, 40),
        kind: 'visit',
        label: '永安 12-2-301',
        note: '水管漏水',
        late: true,
      },
      { id: 't2', from: at(9, 40), to: at(10, 5), kind: 'travel', label: '' },
      { id: 'b5', from: at(10, 5), to: at(11, 15), kind: 'visit', label: '平江里 9-3-404', note: '家电维修' },
      {
        id: 'b6',
        from: at(14),
        to: at(14, 40),
        kind: 'visit',
        label: '春晖 7-1103',
        note: '换锁芯',
        told: true,
      },
    ],
  },
  {
    id: 'w3',
    name: '李秀英',
    note: '助餐 · 步行',
    shifts: [
      { from: at(10), to: at(13, 30) },
      { from: at(16), to: at(19) },
    ],
    blocks: [
      { id: 'b7', from: at(11), to: at(11, 20), kind: 'visit', label: '康乐 1-204', note: '送午餐' },
      { id: 'b8', from: at(11, 26), to: at(11, 44), kind: 'visit', label: '康乐 2-301', note: '送午餐' },
      { id: 'b9', from: at(11, 52), to: at(12, 10), kind: 'visit', label: '康乐 5-602', note: '送午餐' },
    ],
  },
  {
    id: 'w4',
    name: '林晓',
    note: '托育 · 公交',
    shifts: [{ from: at(15), to: at(20, 30) }],
    blocks: [
      {
        id: 'b10',
        from: at(16, 20),
        to: at(17, 30),
        kind: 'visit',
        label: '永安 4-1-602',
        note: '接送孩子',
        told: true,
      },
    ],
  },
];

export const kpis: Kpi[] = [
  {
    name: '需求匹配率',
    value: '91.7',
    unit: '%',
    target: '≥ 90%',
    at: { value: 91.7, target: 90, max: 100 },
    trend: [86.2, 87.9, 88.4, 90.3, 89.6, 91.1, 91.7],
    facts: {
      definition: '登记后 24 小时内找到可派资源的需求，占应匹配需求的比例。',
      formula: '已匹配 ÷（登记 − 撤回 − 重复）',
      version: '2026-09-01 起第 3 版',
      asOf: now - 2 * min,
      numerator: 1089,
      denominator: 1188,
      excluded: ['居民撤回 37 件', '并案 102 件'],
      rows: 1188,
    },
  },
  {
    name: '响应时长',
    value: '23',
    unit: '分',
    target: '≤ 30 分',
    at: { value: 23, target: 30, max: 60, lowerIsBetter: true },
    trend: [41, 38, 36, 29, 31, 26, 23],
  },
  {
    name: '设施利用率',
    value: '68.4',
    unit: '%',
    target: '≥ 75%',
    at: { value: 68.4, target: 75, max: 100 },
    level: 'yellow',
    streak: 2,
    trend: [71, 70.2, 66, 64.8, 67, 69.1, 68.4],
  },
  {
    name: '净推荐值',
    value: '62',
    unit: '分',
    target: '≥ 60',
    note: '95% 区间 54–70',
    at: { value: 62, target: 60, max: 100 },
    trend: [48, 51, null, 55, 60, 59, 62],
  },
  { name: '夜间响应率', unit: '%', target: '≥ 95%', level: 'gray', note: '样本不足 (12/30)' },
];

/** A few streets of invented houses around a point. */
export function town(): { buildings: FeatureCollection; roads: FeatureCollection; water: FeatureCollection } {
  const lng = 121.487;
  const lat = 31.238;
  const d = 0.00011;
  const buildings: FeatureCollection = { type: 'FeatureCollection', features: [] };
  const roads: FeatureCollection = { type: 'FeatureCollection', features: [] };
  for (let bx = 0; bx < 6; bx++) {
    for (let by = 0; by < 5; by++) {
      for (let i = 0; i < 7; i++) {
        const x = lng + bx * 0.0031 + (i % 3) * 0.00088 + 0.0002;
        const y = lat + by * 0.0022 + Math.floor(i / 3) * 0.00066 + 0.0002;
        const w = d * (3.5 + ((bx * 7 + by * 3 + i) % 4));
        const h = d * (2 + ((bx + by * 5 + i * 3) % 3));
        buildings.features.push({
          type: 'Feature',
          properties: { place: `bld${bx}-${by}-${i}` },
          geometry: {
            type: 'Polygon',
            coordinates: [
              [
                [x, y],
                [x + w, y + d * 0.3],
                [x + w, y + h],
                [x, y + h],
                [x, y],
              ],
            ],
          },
        });
      }
    }
  }
  for (let i = 0; i <= 6; i++) {
    roads.features.push({
      type: 'Feature',
      properties: { kind: i % 3 === 0 ? 'primary' : 'residential' },
      geometry: {
        type: 'LineString',
        coordinates: [
          [lng + i * 0.0031, lat - 0.001],
          [lng + i * 0.0031, lat + 0.012],
        ],
      },
    });
    if (i < 6) {
      roads.features.push({
        type: 'Feature',
        properties: { kind: i % 2 === 0 ? 'secondary' : 'residential' },
        geometry: {
          type: 'LineString',
          coordinates: [
            [lng - 0.001, lat + i * 0.0022],
            [lng + 0.0196, lat + i * 0.0022],
          ],
        },
      });
    }
  }
  const water: FeatureCollection = {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: {},
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [lng + 0.0193, lat - 0.002],
              [lng + 0.026, lat - 0.002],
              [lng + 0.026, lat + 0.014],
              [lng + 0.0212, lat + 0.013],
              [lng + 0.0193, lat - 0.002],
            ],
          ],
        },
      },
    ],
  };
  return { buildings, roads, water };
}

export const today = startOfDay(now);
