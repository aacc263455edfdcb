/** One event of the live stream as it came over the wire. */
export interface Frame {
  id: string;
  event: string;
  data: string;
}

/** Cuts a stream of text into server-sent events; push what arrives, whole events come out. */
export class FrameReader {
  private rest = '';
  private frame: Frame = { id: '', event: '', data: '' };

  push(text: string): Frame[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? '';
    const out: Frame[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.frame.event || this.frame.data) out.push(this.frame);
        this.frame = { id: '', event: '', data: '' };
        continue;
      }
      const at = line.indexOf(':');
      const field = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
      if (field === 'id') this.frame.id = value;
      else if (field === 'event') this.frame.event = value;
      else if (field === 'data') this.frame.data += (this.frame.data ? '\n' : '') + value;
    }
    return out;
  }
}
