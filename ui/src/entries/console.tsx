import '@/design/tokens.css';
import '@/design/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from '@/api/cache';
import { onSignedOut } from '@/api/client';
import { meKey } from '@/api/me';
import { features } from '@/app/console/features';
import { newRouter } from '@/app/console/router';
import { joinLive } from '@/app/live';
import { Kit } from '@/design/console/Kit';
import { SlotProvider } from '@/design/core';
import { stampLang } from '@/i18n';

document.documentElement.dataset.entry = 'console';
stampLang();
const client = newQueryClient();
const router = newRouter();
void joinLive(client, features);
onSignedOut(() => void client.invalidateQueries({ queryKey: meKey }));

// the pages after the first open at once
addEventListener('load', () => setTimeout(() => void import('@/app/console/warm'), 1500));

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Kit>
          <SlotProvider pieces={features.flatMap((f) => f.pieces ?? [])}>
            <RouterProvider router={router} />
          </SlotProvider>
        </Kit>
      </QueryClientProvider>
    </StrictMode>,
  );
}
