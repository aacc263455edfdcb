// The lines over every page: no network, things that wait on this phone, a stream that stopped.
import { StaleBar } from '@/design/core/StaleBar';
import { OfflineBar } from '@/design/mobile/Bars';

export function Lines() {
  return (
    <>
      <OfflineBar />
      <StaleBar />
    </>
  );
}
