// Every component of the phone in its states, for photographs and the accessibility run. Not part of the product.
import { useState } from 'react';
import { serverNow } from '../clock';
import { DoorPlate, LevelMark, TimeLeft, Why } from '../core';
import {
  BigButton,
  CallButton,
  Card,
  ChoiceCards,
  ElderSwitch,
  Field,
  ListRow,
  NewBar,
  NoticeBar,
  Page,
  PhotoPick,
  RatingFaces,
  RatingScale,
  ReadAloud,
  ServiceSteps,
  Sheet,
  SignPad,
  SlotPicker,
  SosButton,
  Stepper,
  Tile,
  useHere,
  VoiceButton,
} from '../mobile';

const min = 60_000;

/** Three believable pages and one of inputs; ?page= chooses: home, order, form, job. */
export function MobileGallery() {
  const { search } = useHere();
  const page = search.get('page') ?? 'home';
  return page === 'order' ? <Order /> : page === 'form' ? <Form /> : page === 'job' ? <Job /> : <Home />;
}

function Home() {
  const now = serverNow();
  return (
    <Page title="邻里" call={<CallButton phone="02100000000" compact />}>
      <SosButton onSend={() => undefined} onCancel={() => undefined} />
      <Card title="送午餐" note="李秀英 · 约 8 分钟到">
        <ServiceSteps
          steps={[
            { name: '已接单', at: now - 40 * min },
            { name: '在路上', at: now - 12 * min },
            { name: '送到', note: '中午 12:10' },
          ]}
        />
      </Card>
      <VoiceButton onRecorded={() => undefined} />
      <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 'var(--s-3)' }}>
        <Tile icon="bowl" title="订餐" note="今天还可订晚餐" onPress={() => undefined} />
        <Tile icon="wrench" title="报修" onPress={() => undefined} />
        <Tile icon="heart" title="助老" note="助浴、陪诊、探访" onPress={() => undefined} />
        <Tile icon="baby" title="托管" onPress={() => undefined} />
      </div>
      <NewBar count={1} onShow={() => undefined} />
    </Page>
  );
}

function Order() {
  const now = serverNow();
  const [sheet, setSheet] = useState(false);
  return (
    <Page
      title="水管漏水"
      back={() => undefined}
      call={<CallButton phone="02100000000" compact />}
      acts={<BigButton onPress={() => setSheet(true)}>催办</BigButton>}
    >
      <NoticeBar>赵国强已出发，约 11 分钟到。</NoticeBar>
      <Card>
        <p style={{ display: 'flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
          <DoorPlate label="永安 12-2-301" /> <LevelMark severity={3} />
        </p>
        <ListRow title="约定时间" end="今天 14:00–15:00" />
        <ListRow title="师傅" note="有电工证，上次也是他" end="赵国强" onPress={() => undefined} />
        <ListRow title="费用" note="材料另计，先说后修" end="30.00 元" />
      </Card>
      <Card title="进度">
        <ServiceSteps
          steps={[
            { name: '收到您的需求', at: now - 52 * min },
            { name: '赵国强接单', at: now - 44 * min },
            { name: '在路上', at: now - 9 * min },
            { name: '到场', note: '约 14:06' },
            { name: '办结，请您评价' },
          ]}
        />
      </Card>
      <ReadAloud text="赵国强已出发，约 11 分钟到。" />
      {sheet ? (
        <Sheet
          title="催办"
          onClose={() => setSheet(false)}
          acts={<BigButton onPress={() => setSheet(false)}>催一下</BigButton>}
        >
          <p>会提醒赵国强和值班员。约定是 15:00 前到，现在还没有超时。</p>
        </Sheet>
      ) : null}
    </Page>
  );
}

function Form() {
  const [text, setText] = useState('厨房水管漏水，地上都湿了');
  const [kind, setKind] = useState<string>();
  const [slot, setSlot] = useState<{ day: string; slot?: string }>({ day: 'd1', slot: '14' });
  const [n, setN] = useState(2);
  const [photos, setPhotos] = useState<Blob[]>([]);
  const [face, setFace] = useState<number | undefined>(4);
  const [nps, setNps] = useState<number | undefined>(9);
  return (
    <Page title="提需求" back={() => undefined} acts={<BigButton submit>报上去</BigButton>}>
      <Field label="要办什么事" value={text} onChange={setText} lines={3} hint="说清哪里、什么事就行" />
      <Field label="联系电话" value="1380000" onChange={() => undefined} type="tel" error="电话少了 4 位" />
      <ChoiceCards
        label="是哪一类"
        value={kind}
        onChange={setKind}
        choices={[
          { value: 'repair', title: '维修', icon: 'wrench' },
          { value: 'meal', title: '助餐', icon: 'bowl' },
          { value: 'clean', title: '家政', icon: 'broom' },
          { value: 'other', title: '别的事', note: '工作人员帮您分', icon: 'text' },
        ]}
      />
      <SlotPicker
        label="什么时候方便"
        value={slot}
        onChange={setSlot}
        days={[
          {
            day: 'd1',
            title: '今天',
            slots: [
              { value: '10', title: '10:00', note: '已满', disabled: true },
              { value: '14', title: '14:00' },
              { value: '16', title: '16:00' },
            ],
          },
          { day: 'd2', title: '明天', slots: [{ value: '9', title: '09:00' }] },
          { day: 'd3', title: '周三', slots: [{ value: '9', title: '09:00' }] },
        ]}
      />
      <Stepper label="几个人吃" value={n} min={1} max={9} unit="份" onChange={setN} />
      <PhotoPick photos={photos} onChange={setPhotos} />
      <SignPad onChange={() => undefined} />
      <RatingFaces label="这次服务怎么样" value={face} onChange={setFace} />
      <RatingScale label="会推荐给邻居吗" low="不会" high="一定会" value={nps} onChange={setNps} />
      <ElderSwitch />
    </Page>
  );
}

function Job() {
  const now = serverNow();
  return (
    <Page title="今天的任务" acts={<BigButton icon="route">出发</BigButton>}>
      <Card title="下一单" note="320 米，步行 5 分">
        <p style={{ display: 'flex', gap: 8, alignItems: 'center', flexWrap: 'wrap', paddingBottom: 8 }}>
          <DoorPlate label="康乐 3-502" /> <TimeLeft due={now + 9 * min} from={now - 51 * min} />
        </p>
        <ListRow title="助浴" note="今天 10:00–11:00 · 带防滑垫、浴凳" end="王女士" />
        <Why brief reasons={[{ text: '上次也是您' }, { text: '离得最近' }]} />
      </Card>
      <Card title="后面还有 3 单">
        <ListRow title="康乐 6-103" note="压疮护理" end="11:20" onPress={() => undefined} />
        <ListRow title="春晖 2-101" note="康复训练" end="13:30" onPress={() => undefined} />
        <ListRow title="平江里 5-101" note="陪诊" end="15:00" onPress={() => undefined} />
      </Card>
    </Page>
  );
}
