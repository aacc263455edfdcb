// Places on a page that other features may fill, so that no feature imports another.
import { type ComponentType, createContext, type ReactNode, Suspense, useContext } from 'react';
import { useMay } from '@/api/me';

/**
 * Every slot and what its page tells the pieces in it. A page declares its slot here;
 * a feature fills it in its contribution; only `app` knows both.
 */
export interface SlotProps {
  /** The main act of the top bar, e.g. 登记需求. */
  'top.primary': object;
  /** One figure of work at the head of the duty home. */
  'home.lane': object;
  /** A list of work under the lanes. */
  'home.work': object;
  /** Right column of the duty home. */
  'home.aside': object;
  /** Beside an order: the person served, the candidates, the evidence. */
  'order.aside': { order: string; resident?: string; demand?: string };
  /** Beside a demand. */
  'demand.aside': { demand: string; resident?: string };
  /** Beside a person of the register. */
  'resident.aside': { resident: string };
  /** Beside a worker or organization. */
  'party.aside': { worker?: string; org?: string };
  /** Home of the resident: tiles and the running service. */
  'h.home': object;
  /** Over the list of the resident's services: what is not a service yet. */
  'h.services': object;
  /** Home of the worker. */
  'w.home': object;
}

export type SlotName = keyof SlotProps;

/** A piece for a slot; shown in the order of `order` to holders of `permission`. Use `lazy` components. */
export type Piece = {
  [N in SlotName]: { slot: N; order?: number; permission?: string; component: ComponentType<SlotProps[N]> };
}[SlotName];

const Pieces = createContext<readonly Piece[]>([]);

/** Gives the pieces of all features to the slots below. */
export function SlotProvider({ pieces, children }: { pieces: readonly Piece[]; children: ReactNode }) {
  return <Pieces value={pieces}>{children}</Pieces>;
}

/** Shows what features put here; nothing when nobody fills it. `wrap` frames each piece. */
export function Slot<N extends SlotName>({
  name,
  with: props,
  wrap = (piece) => piece,
  empty = null,
}: {
  name: N;
  with: SlotProps[N];
  wrap?: (piece: ReactNode) => ReactNode;
  /** Shown when no feature has anything for this person here. */
  empty?: ReactNode;
}) {
  const may = useMay();
  const pieces = useContext(Pieces)
    .filter((p) => p.slot === name && may(p.permission))
    .sort((a, b) => (a.order ?? 50) - (b.order ?? 50));
  if (pieces.length === 0) return empty;
  return pieces.map((p, i) => {
    const C = p.component as ComponentType<SlotProps[N]>;
    return (
      <Suspense key={i} fallback={null}>
        {wrap(<C {...(props as SlotProps[N] & object)} />)}
      </Suspense>
    );
  });
}
