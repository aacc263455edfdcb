// A signature by finger. Who cannot draw is not locked out: the page offers another proof beside it.
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import css from './mobile.module.css';
import { useText } from './text';

export function SignPad({ label, onChange }: { label?: string; onChange: (png: Blob | undefined) => void }) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [signed, setSigned] = useState(false);
  const drawing = useRef(false);
  useEffect(() => {
    const c = canvas.current;
    if (!c) return;
    c.width = c.offsetWidth * 2;
    c.height = c.offsetHeight * 2;
    const g = c.getContext('2d');
    if (!g) return;
    g.scale(2, 2);
    g.lineWidth = 2.5;
    g.lineCap = 'round';
    g.lineJoin = 'round';
    g.strokeStyle = getComputedStyle(c).color;
  }, []);
  const at = (e: PointerEvent): [number, number] => {
    const b = e.currentTarget.getBoundingClientRect();
    return [e.clientX - b.left, e.clientY - b.top];
  };
  const g = () => canvas.current?.getContext('2d');
  const end = () => {
    if (!drawing.current) return;
    drawing.current = false;
    setSigned(true);
    canvas.current?.toBlob((b) => onChange(b ?? undefined), 'image/png');
  };
  return (
    <div className={css.sign}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label ?? t.sign}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId);
          drawing.current = true;
          g()?.beginPath();
          g()?.moveTo(...at(e));
        }}
        onPointerMove={(e) => {
          if (!drawing.current) return;
          g()?.lineTo(...at(e));
          g()?.stroke();
        }}
        onPointerUp={end}
        onPointerCancel={end}
      />
      {signed ? (
        <button
          type="button"
          onClick={() => {
            const c = canvas.current;
            if (c) g()?.clearRect(0, 0, c.width, c.height);
            setSigned(false);
            onChange(undefined);
          }}
        >
          {t.signClear}
        </button>
      ) : (
        <p>{label ?? t.sign}</p>
      )}
    </div>
  );
}
