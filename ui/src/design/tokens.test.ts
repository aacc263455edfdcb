import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/design/tokens.css', 'utf8');
const block = (selector: string) => css.split(selector)[1]?.split('}')[0] ?? '';
const read = (text: string, name: string) => text.match(new RegExp(`--${name}: (#[0-9a-f]{6})`))?.[1];
const elder = block('[data-entry="mobile"][data-mode="sun"] {');
const light = (name: string) => read(block(':root {'), name) ?? '';
const big = (name: string) => read(elder, name) ?? light(name);

/** Relative luminance and contrast of WCAG 2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

describe('contrast of the light theme', () => {
  const text: [string, string, number][] = [
    ['ink-1', 'bg', 15],
    ['ink-2', 'bg', 6.5],
    ['ink-3', 'bg', 4.5],
    ['on-brand', 'brand', 6],
    ['brand-ink', 'brand-weak', 7.5],
    ['brand', 'bg', 4.5],
    ['red', 'red-tint', 4.5],
    ['on-red', 'red', 5],
    ['orange', 'orange-tint', 4.5],
    ['yellow', 'yellow-tint', 4.5],
    ['blue', 'blue-tint', 4.5],
    ['ok', 'ok-tint', 4.5],
    ['mute', 'mute-tint', 4.5],
    ['red', 'surface', 4.5],
    ['yellow', 'surface', 4.5],
    ['line-control', 'surface', 3],
  ];
  it.each(text)('%s on %s is at least %s', (ink, ground, least) => {
    expect(contrast(light(ink), light(ground))).toBeGreaterThanOrEqual(least);
  });
});

describe('contrast of elder mode and sunlight', () => {
  it.each([
    ['ink-1', 'bg'],
    ['ink-2', 'bg'],
    ['ink-3', 'surface'],
    ['brand', 'bg'],
    ['on-brand', 'brand'],
    ['red', 'surface'],
    ['on-red', 'red'],
    ['orange', 'surface'],
    ['yellow', 'surface'],
    ['blue', 'surface'],
    ['ok', 'surface'],
    ['mute', 'bg'],
  ])('%s on %s reaches 7:1', (ink, ground) => {
    expect(contrast(big(ink), big(ground))).toBeGreaterThanOrEqual(7);
  });
});

it('the heat ramp rises strictly in luminance', () => {
  const l = [1, 2, 3, 4, 5, 6, 7].map((n) => luminance(light(`heat-${n}`)));
  expect([...l].sort((a, b) => a - b)).toEqual(l);
  expect(new Set(l).size).toBe(7);
});

it('elder text is 24 px and 30 px, and nothing in it is below 18', () => {
  const sizes = (mode: string) =>
    [...block(`[data-entry="mobile"][data-mode="${mode}"] {\n  --t`).matchAll(/-(\w+): (\d+)px/g)].map(
      (m) => [m[1], Number(m[2])],
    );
  const body = (mode: string) =>
    Number(block(`[data-mode="${mode}"] {\n  --t`).match(/--t-body: (\d+)px/)?.[1]);
  expect([body('elder'), body('elder-xl')]).toEqual([24, 30]);
  for (const mode of ['elder', 'elder-xl']) {
    for (const [, px] of sizes(mode)) expect(px).toBeGreaterThanOrEqual(18);
  }
});
