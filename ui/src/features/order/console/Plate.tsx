// The address of an order as a door plate: the home in words, or the named place. A text, not a control.
import { DoorPlate } from '@/design/core';
import { useTown } from '@/map/town';
import type { Order } from '../api';

export function Plate({ order, size }: { order: Pick<Order, 'door' | 'place'>; size?: 'row' | 'page' }) {
  const town = useTown();
  return <DoorPlate label={order.door || town.door(order.place)} size={size} />;
}
