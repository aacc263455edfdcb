import { expect, it } from 'vitest';
import { type Frame, FrameReader } from './sse';

const wire =
  'id: 41\nevent: order.accepted\ndata: {"key":"ord_1"}\n\n: a comment\n\nevent: tick\ndata: {"now":1}\r\n\r\ndata: a\ndata: b\n\n';
const want: Frame[] = [
  { id: '41', event: 'order.accepted', data: '{"key":"ord_1"}' },
  { id: '', event: 'tick', data: '{"now":1}' },
  { id: '', event: '', data: 'a\nb' },
];

it('reads the same events however the stream is cut into pieces', () => {
  for (let size = 1; size <= wire.length; size++) {
    const r = new FrameReader();
    const got: Frame[] = [];
    for (let i = 0; i < wire.length; i += size) got.push(...r.push(wire.slice(i, i + size)));
    expect(got).toEqual(want);
  }
});
