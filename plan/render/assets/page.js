'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shown = node => !node.hidden;

  // The theme: what the system asks for, until the reader chooses. Storage may be
  // closed to a file that was opened from a disk.
  const theme = document.getElementById('theme');
  const stored = value => {
    try {
      if (value) localStorage.setItem('intscan-theme', value);
      return localStorage.getItem('intscan-theme');
    } catch { return null; }
  };
  const system = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (document.documentElement.dataset.theme || (system.matches ? 'dark' : 'light')) === 'dark';
  const press = () => theme.setAttribute('aria-pressed', String(dark()));
  const chosen = stored();
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
  theme.hidden = false;
  press();
  system.addEventListener('change', press);
  theme.addEventListener('click', () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    stored(next);
    press();
  });

  // Filters: a row is shown when it has the text and, for each list, the value.
  const texts = new WeakMap();
  const textOf = row => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const filters = new Map();
  for (const form of all('form[data-table]')) {
    const table = document.getElementById(form.dataset.table);
    const rows = [...table.tBodies[0].rows];
    const output = form.querySelector('output');
    const apply = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const lists = all('select', form).filter(s => s.value);
      for (const row of rows) {
        row.hidden = !(lists.every(s => row.dataset[s.name] === s.value) && words.every(w => textOf(row).includes(w)));
      }
      const n = rows.filter(shown).length;
      const text = n === rows.length ? `${n} shown` : `${n} of ${rows.length} shown`;
      if (output.textContent !== text) output.textContent = text;
    };
    form.hidden = false;
    form.addEventListener('input', apply);
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(apply));
    filters.set(table, { form, apply });
    apply();
  }

  // A figure at the head of the page filters the table that it leads to.
  for (const link of all('a[data-filter]')) {
    link.addEventListener('click', () => {
      const [name, value] = link.dataset.filter.split('=');
      const heading = document.getElementById(link.hash.slice(1));
      const filter = filters.get(heading.parentElement.querySelector('table'));
      filter.form.reset();
      filter.form.elements[name].value = value;
      filter.apply();
    });
  }

  // Sorting: a button in each heading; numbers by their value, the rest as people
  // would.
  const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const keyOf = (row, i) => {
    const cell = row.cells[i];
    return cell ? cell.dataset.sort || cell.textContent.trim() : '';
  };
  const sort = (table, head, i) => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    for (const th of table.tHead.rows[0].cells) th.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const rows = [...table.tBodies[0].rows].map(row => [keyOf(row, i), row]);
    rows.sort((a, b) => (up ? 1 : -1) * order.compare(a[0], b[0]));
    table.tBodies[0].append(...rows.map(r => r[1]));
  };
  for (const table of all('table')) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      button.addEventListener('click', () => sort(table, head, i));
      head.append(button);
    });
  }

  // A link into a closed part opens it; one to a row that a filter hides clears the
  // filter.
  const reveal = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* taken as it is */ }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') node.open = true;
      if (node.tagName === 'TR' && node.hidden) {
        const filter = filters.get(node.closest('table'));
        if (filter) { filter.form.reset(); setTimeout(filter.apply); }
      }
    }
    setTimeout(() => target.scrollIntoView());
  };
  addEventListener('hashchange', reveal);
  document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === location.hash) reveal();
  });
  reveal();

  // The map: what a node is joined to stands out while it is pointed at.
  const map = document.getElementById('map-drawing');
  if (map) {
    const lines = all('.line', map);
    const mark = node => {
      map.classList.toggle('chosen', Boolean(node));
      const id = node && node.dataset.node;
      for (const line of lines) line.classList.toggle('on', Boolean(id) && (line.dataset.from === id || line.dataset.to === id));
    };
    for (const node of all('[data-node]', map)) {
      for (const on of ['pointerenter', 'focus']) node.addEventListener(on, () => mark(node));
      for (const off of ['pointerleave', 'blur']) node.addEventListener(off, () => mark(null));
    }
  }

  // On a narrow screen the contents are closed; on paper everything is open.
  if (matchMedia('(max-width: 62rem)').matches) document.querySelector('nav details').open = false;
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = all('details:not([open])');
    for (const d of closed) d.open = true;
  });
  addEventListener('afterprint', () => {
    for (const d of closed) d.open = false;
  });
})();
