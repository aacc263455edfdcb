// All walks in one process, with one neighborhood and one browser.
import './door.e2e.mjs';
import './service.e2e.mjs';
import './desk.e2e.mjs';
import './dispatch.e2e.mjs';
import './pages.e2e.mjs';
