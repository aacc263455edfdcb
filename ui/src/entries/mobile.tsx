import '@/design/tokens.css';
import '@/design/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from '@/api/cache';
import { onSignedOut } from '@/api/client';
import { meKey } from '@/api/me';
import { features } from '@/app/mobile/features';
import { Shell } from '@/app/mobile/Shell';
import { SlotProvider } from '@/design/core';
import { startMode } from '@/design/mobile/mode';
import { stampLang } from '@/i18n';

document.documentElement.dataset.entry = 'mobile';
startMode(location.pathname.startsWith('/w'));
stampLang();
const client = newQueryClient();
onSignedOut(() => void client.invalidateQueries({ queryKey: meKey }));

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <SlotProvider pieces={features.flatMap((f) => f.pieces ?? [])}>
          <Shell />
        </SlotProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
