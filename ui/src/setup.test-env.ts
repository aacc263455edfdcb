// What happy-dom lacks: a database on the phone. Layout it has none; tests ask for words and roles.
import 'fake-indexeddb/auto';

document.documentElement.dataset.entry = 'console';
