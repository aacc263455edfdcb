import {
  type PointerEvent,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import css from './console.module.css';

/** What is dragged: a visit of a lane, or something that waits and has no lane yet. */
export interface Dragged {
  id: string;
  label: string;
  /** Lane it is taken from. */
  from?: string;
}

/** What hangs at the pointer, and the lane below it; undefined while it is over none. */
export interface Over {
  what: Dragged;
  lane?: string;
}

/** Pixels at the upper and lower edge of the lanes where they scroll by themselves, and how far in a frame. */
const edge = 44;
const creep = 12;

/**
 * Dragging onto the lanes with the mouse or a pen; a finger scrolls and takes the menu. What hangs at the
 * pointer is moved by transform once a frame; the page hears only when the lane below changes.
 * Escape gives up. The click that ends a drag is no press.
 */
export function useLaneDrag(onDrop: (what: Dragged, lane: string) => void) {
  const [over, setOver] = useState<Over>();
  const tip = useRef<HTMLDivElement>(null);
  const at = useRef({ x: 0, y: 0 });
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const place = useCallback(() => {
    const n = tip.current;
    if (!n) return;
    const { x, y } = at.current;
    // to the left of the pointer where the right edge is near
    const left = x + 16 + n.offsetWidth > innerWidth ? x - 16 - n.offsetWidth : x + 16;
    const top = Math.min(y + 16, innerHeight - n.offsetHeight - 8);
    n.style.transform = `translate(${left}px, ${top}px)`;
  }, []);
  useLayoutEffect(place);

  const grab = useCallback(
    (e: PointerEvent<HTMLElement>, what: Dragged) => {
      if (e.button !== 0 || e.pointerType === 'touch') return;
      const from = { x: e.clientX, y: e.clientY };
      let begun = false;
      let lane: string | undefined;
      let frame = 0;
      const look = () => {
        frame = 0;
        const { x, y } = at.current;
        const below = document.elementFromPoint(x, y);
        const box = below?.closest<HTMLElement>('[data-lanes]');
        const now = below?.closest<HTMLElement>('[data-lane]')?.dataset.lane;
        if (!begun || now !== lane) setOver({ what, lane: now });
        begun = true;
        lane = now;
        place();
        if (!box) return;
        const r = box.getBoundingClientRect();
        const by = y < r.top + edge ? -creep : y > r.bottom - edge ? creep : 0;
        if (!by) return;
        const before = box.scrollTop;
        box.scrollTop += by;
        if (box.scrollTop !== before) frame = requestAnimationFrame(look);
      };
      const go = (m: globalThis.PointerEvent) => {
        at.current = { x: m.clientX, y: m.clientY };
        if (!begun && Math.hypot(m.clientX - from.x, m.clientY - from.y) < 6) return;
        if (!frame) frame = requestAnimationFrame(look);
      };
      const stop = () => {
        cancelAnimationFrame(frame);
        removeEventListener('pointermove', go);
        removeEventListener('pointerup', end);
        removeEventListener('pointercancel', stop);
        removeEventListener('keydown', giveUp, true);
        setOver(undefined);
      };
      const end = () => {
        const to = lane;
        const dragged = begun;
        stop();
        if (!dragged) return;
        addEventListener('click', swallow, { capture: true, once: true });
        setTimeout(() => removeEventListener('click', swallow, true));
        if (to !== undefined) drop.current(what, to);
      };
      const giveUp = (k: globalThis.KeyboardEvent) => {
        if (k.key !== 'Escape') return;
        k.stopPropagation();
        stop();
      };
      addEventListener('pointermove', go);
      addEventListener('pointerup', end);
      addEventListener('pointercancel', stop);
      addEventListener('keydown', giveUp, true);
    },
    [place],
  );
  const show = useCallback(
    (children: ReactNode) => (
      <div ref={tip} className={css.dragTip}>
        {children}
      </div>
    ),
    [],
  );
  return useMemo(() => ({ grab, over, show }), [grab, over, show]);
}

function swallow(e: Event): void {
  e.stopPropagation();
  e.preventDefault();
}
