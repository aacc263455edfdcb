// Hexagons of the gallery: a believable spread of values around the demonstration town.
import { gridDisk, latLngToCell } from 'h3-js';

export function sampleCells(): { cells: string[]; values: (number | null)[] } {
  const cells = gridDisk(latLngToCell(31.2432, 121.4965, 10), 9);
  return {
    cells,
    values: cells.map((_, i) => {
      if (i % 17 === 5) return null;
      const v = Math.max(0, 42 * Math.exp(-i / 70) * (0.55 + ((i * 37) % 23) / 40) - 1.5);
      return Math.round(v);
    }),
  };
}
