// happy-dom has no layout; the clock of tests is real unless a test says otherwise.
document.documentElement.dataset.entry = 'console';
