// The way to canteens, courts and rooms from the home of the resident.
import { Icon } from '@/design/core';
import { Card, ListRow } from '@/design/mobile/Card';
import { go } from '@/design/mobile/router';
import { useText } from '../text';

export default function BookRow() {
  const t = useText().h;
  return (
    <Card>
      <ListRow
        lead={<Icon name="calendar" size="1.4em" />}
        title={t.tile}
        note={t.tileNote}
        onPress={() => go('/h/facilities')}
      />
    </Card>
  );
}
