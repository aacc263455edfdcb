import { getLang } from '@/i18n';
import { useBase } from '@/i18n/base';

/** The closed list of ways a request can fail; `offline` is ours: no answer came. */
export type ProblemKind =
  | 'invalid'
  | 'not_found'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'exhausted'
  | 'unavailable'
  | 'internal'
  | 'offline';

/** A refusal in words a clerk can act on, in both languages. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly field: string;
  readonly zh: string;
  readonly en: string;
  readonly requestId: string;
  readonly status: number;

  constructor(p: {
    kind: ProblemKind;
    zh: string;
    en: string;
    field?: string;
    requestId?: string;
    status?: number;
  }) {
    super(p.en);
    this.name = 'Problem';
    this.kind = p.kind;
    this.zh = p.zh;
    this.en = p.en;
    this.field = p.field ?? '';
    this.requestId = p.requestId ?? '';
    this.status = p.status ?? 0;
  }

  /** The sentence in the language in use. */
  get words(): string {
    return getLang() === 'zh' ? this.zh : this.en;
  }

  /** Whether the same request may succeed later without any change. */
  get passing(): boolean {
    return this.kind === 'offline' || this.kind === 'unavailable' || this.kind === 'internal';
  }
}

const kindOfStatus: Record<number, ProblemKind> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'conflict',
  413: 'invalid',
  422: 'invalid',
  429: 'exhausted',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/** Reads a failed answer; a body that is no problem document still gives a usable Problem. */
export async function problemOf(res: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = (await res.json()) as Record<string, unknown>;
  } catch {}
  const text = (k: string) => (typeof body[k] === 'string' ? (body[k] as string) : '');
  const { zh, en } = useBase.both;
  const kind = (text('kind') as ProblemKind) || kindOfStatus[res.status] || 'internal';
  return new Problem({
    kind,
    zh: text('message_zh') || text('detail') || (kind === 'unauthenticated' ? zh.signedOut : zh.serverFault),
    en: text('message_en') || text('detail') || (kind === 'unauthenticated' ? en.signedOut : en.serverFault),
    field: text('field'),
    requestId: text('request_id') || (res.headers.get('X-Request-Id') ?? ''),
    status: res.status,
  });
}

/** No answer came at all: the network, not the server's word. */
export function offline(): Problem {
  return new Problem({ kind: 'offline', zh: useBase.both.zh.noServer, en: useBase.both.en.noServer });
}

/** Any thrown thing as a sentence to show. */
export function wordsOf(err: unknown): string {
  if (err instanceof Problem) return err.words;
  return useBase.now().serverFault;
}
