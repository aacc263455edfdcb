import { glyphPath, levelOf } from '@/design/core/LevelMark';
import type { Marker } from './spec';

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const px = 2; // drawn at twice the size for sharp screens

const fills: Record<ReturnType<typeof levelOf>, string> = {
  urgent: '--red',
  soon: '--orange-fill',
  care: '--yellow-fill',
  note: '--blue',
};

/** Name of the image of a marker: alarms by level, the rest by kind. */
export function imageOf(m: Marker): string {
  return m.severity ? `level-${levelOf(m.severity)}` : m.kind;
}

/** All marker images, drawn from the same outlines as the marks in lists. */
export function markerImages(): { name: string; data: ImageData }[] {
  const out = [1, 2, 3, 4].map((severity) => ({
    name: `level-${levelOf(severity)}`,
    data: draw(24, (g) => {
      g.translate(2, 2);
      const p = new Path2D(glyphPath(severity));
      ring(g, p);
      g.fillStyle = token(fills[levelOf(severity)]);
      g.fill(p);
    }),
  }));
  const shapes: Record<string, (p: Path2D) => void> = {
    order: (p) => p.roundRect(5, 5, 10, 10, 2),
    worker: (p) => p.arc(10, 10, 6, 0, Math.PI * 2),
    facility: (p) => p.roundRect(4, 4, 12, 12, 1),
    home: (p) => p.arc(10, 10, 4, 0, Math.PI * 2),
    alarm: (p) => p.arc(10, 10, 7, 0, Math.PI * 2),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    out.push({
      name,
      data: draw(24, (g) => {
        g.translate(2, 2);
        const p = new Path2D();
        shape(p);
        ring(g, p);
        g.fillStyle = token(name === 'order' ? '--brand' : name === 'worker' ? '--ink-1' : '--ink-2');
        g.fill(p);
        if (name === 'facility') {
          g.fillStyle = token('--surface');
          g.fillRect(9, 6.5, 2, 7);
          g.fillRect(6.5, 9, 7, 2);
        }
      }),
    });
  }
  out.push({ name: 'hatch', data: hatch() });
  return out;
}

/** Ring in the ground color and a thin outline: yellow on white alone is only 1.8:1. */
function ring(g: CanvasRenderingContext2D, p: Path2D): void {
  g.lineJoin = 'round';
  g.strokeStyle = token('--ink-1');
  g.lineWidth = 5;
  g.stroke(p);
  g.strokeStyle = token('--surface');
  g.lineWidth = 3.5;
  g.stroke(p);
}

function draw(size: number, paint: (g: CanvasRenderingContext2D) => void): ImageData {
  const c = document.createElement('canvas');
  c.width = c.height = size * px;
  const g = c.getContext('2d');
  if (!g) return new ImageData(size * px, size * px);
  g.scale(px, px);
  paint(g);
  return g.getImageData(0, 0, c.width, c.height);
}

function hatch(): ImageData {
  return draw(8, (g) => {
    g.strokeStyle = token('--mute');
    g.lineWidth = 1;
    g.beginPath();
    for (const d of [-8, 0, 8]) {
      g.moveTo(d, 8);
      g.lineTo(d + 8, 0);
    }
    g.stroke();
  });
}
