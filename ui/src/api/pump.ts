import { type Frame, FrameReader } from './sse';

/** What the pump tells: frames, and how it stands with the server. */
export type PumpMessage =
  | { kind: 'frame'; frame: Frame }
  | { kind: 'state'; state: 'connecting' | 'live' | 'lost' | 'signed-out' };

/** No byte for this long means the line is dead: the server ticks every 5 s. */
const silence = 12_000;

/**
 * Holds the one live stream of this browser open: reconnects with back-off and jitter,
 * resumes after the last event seen. It reads the stream with fetch instead of EventSource,
 * which hides the status code (a signed-out browser would retry for ever) and can hear
 * only event names known in advance.
 */
export class Pump {
  private last = '';
  private tries = 0;
  private abort: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private url: string;
  private tell: (m: PumpMessage) => void;

  constructor(url: string, tell: (m: PumpMessage) => void) {
    this.url = url;
    this.tell = tell;
  }

  /** Opens the stream; does nothing when it is open or about to be. */
  open(): void {
    if (this.abort || this.timer) return;
    void this.run();
  }

  /** Closes the stream; `open` resumes it where it stopped. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.abort?.abort();
    this.abort = undefined;
  }

  /** Starts over without delay, for another person or after a wake-up. */
  reopen(forget = false): void {
    this.close();
    this.tries = 0;
    if (forget) this.last = '';
    this.open();
  }

  private async run(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.tell({ kind: 'state', state: 'connecting' });
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), silence);
    };
    let signedOut = false;
    try {
      alive();
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.last) headers['Last-Event-ID'] = this.last;
      const res = await fetch(this.url, {
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      });
      signedOut = res.status === 401;
      if (!res.ok || !res.body) throw new Error(`live stream: ${res.status}`);
      this.tell({ kind: 'state', state: 'live' });
      const reader = res.body.getReader();
      const text = new TextDecoder();
      const frames = new FrameReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        alive();
        this.tries = 0;
        for (const frame of frames.push(text.decode(value, { stream: true }))) {
          if (frame.id) this.last = frame.id;
          this.tell({ kind: 'frame', frame });
        }
      }
    } catch {
      // every cause is answered the same way: wait and connect again
    } finally {
      clearTimeout(watchdog);
    }
    if (this.abort !== abort) return; // closed or reopened meanwhile
    this.abort = undefined;
    if (signedOut) {
      this.tell({ kind: 'state', state: 'signed-out' });
      return;
    }
    this.tell({ kind: 'state', state: 'lost' });
    const wait = Math.min(30_000, 1000 * 2 ** this.tries++) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.open();
    }, wait);
  }
}
