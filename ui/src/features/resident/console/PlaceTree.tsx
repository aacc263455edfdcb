// The register of places as a tree, from communities down to doors; a branch is read when opened. Arrow keys move and open.
import { useQueryClient } from '@tanstack/react-query';
import { Tree } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { Loaded } from '@/design/core';
import { keys, type Place, placesBelow, usePlacesBelow } from '../api';
import css from './resident.module.css';
import { useText } from './text';

interface Node {
  key: string;
  title: string;
  isLeaf: boolean;
  children?: Node[];
}

const nodeOf = (p: Place): Node => ({ key: p.place, title: p.name, isLeaf: p.children === 0 });

/** Every place above one, the largest first, itself left out. */
const above = (place: string): string[] =>
  place
    .split('/')
    .slice(0, -1)
    .map((_, i, all) => all.slice(0, i + 1).join('/'));

export function PlaceTree({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (place: string | undefined) => void;
}) {
  const t = useText();
  const client = useQueryClient();
  const roots = usePlacesBelow('');
  const [children, setChildren] = useState<Record<string, Node[]>>({});
  const [opened, setOpened] = useState<string[]>([]);

  const read = async (place: string) => {
    const rows = await client.fetchQuery({
      queryKey: keys.below(place),
      queryFn: ({ signal }) => placesBelow(place, signal),
    });
    setChildren((all) => ({ ...all, [place]: rows.map(nodeOf) }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: opens the way to the chosen place once, later presses are the person's own
  useEffect(() => {
    const way = value ? above(value) : [];
    for (const p of way) if (!children[p]) read(p).catch(() => undefined);
    setOpened((all) => [...new Set([...all, ...way])]);
  }, [value]);

  const tree = useMemo(() => {
    const grow = (n: Node): Node => ({ ...n, children: children[n.key]?.map(grow) });
    return (roots.data ?? []).map((p) => grow(nodeOf(p)));
  }, [roots.data, children]);
  return (
    <Loaded query={roots} rows={4}>
      {() => (
        <Tree
          className={css.tree}
          aria-label={t.places}
          blockNode
          treeData={tree}
          expandedKeys={opened}
          onExpand={(k) => setOpened(k.map(String))}
          loadData={(n) => read(String(n.key))}
          selectedKeys={value ? [value] : []}
          onSelect={(_, { node }) => onChange(node.key === value ? undefined : String(node.key))}
        />
      )}
    </Loaded>
  );
}
