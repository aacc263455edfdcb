import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';

export interface HeatCell {
  cell: string;
  /** Needs; absent when too few people stand behind them. */
  n?: number;
}

export interface HeatMap {
  as_of: string;
  from: string;
  item?: string;
  res: number;
  floor: number;
  total: number;
  hidden: number;
  cells: HeatCell[];
}

export interface Ask {
  item?: string;
  window: string;
  res: number;
  /** Community chosen in the top bar. */
  place?: string;
}

export const keys = {
  maps: ['heat', 'map'] as const,
  map: (a: Ask) => ['heat', 'map', a] as const,
};

export const useHeat = (a: Ask) =>
  useQuery({
    queryKey: keys.map(a),
    queryFn: ({ signal }) => get<HeatMap>('/api/v1/heat', { ...a }, signal),
    placeholderData: (before) => before,
  });

/** Middles of the cells; h3 is loaded with the map, never with the page. */
export const useCenters = (cells: readonly string[]) =>
  useQuery({
    queryKey: ['heat', 'centers', cells.join()],
    queryFn: async () => {
      const { cellCenters } = await import('@/map/cells');
      return new Map(cellCenters(cells).map((at, i) => [cells[i] as string, at]));
    },
    staleTime: Number.POSITIVE_INFINITY,
    enabled: cells.length > 0,
  }).data;
