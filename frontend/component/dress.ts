// A post is the same bytes for every reader. Here the page puts on what is the
// reader's own: the language of a few words, the clock of their zone, which
// reactions are theirs, where they are named.

const me = document.body.dataset['me'] ?? '';
const home = 'Europe/Amsterdam'; // where a neutral component reads the clock
const zone = document.body.dataset['zone'] ?? home;
const language = document.documentElement.lang;
const words = dictionary();

// dress makes root, a fragment or the document, the reader's own. Call it for
// everything that is put into the page.
export function dress(root: ParentNode): void {
  if (words) each(root, '[data-t]', (e) => { e.textContent = words[e.dataset['t']!] ?? e.textContent; });
  if (words || zone !== home) each(root, 'time[data-time]', retell);
  stops(root);
  if (!me) return;
  each(root, '[data-by]', (e) => {
    e.setAttribute('aria-pressed', String(e.dataset['by']!.split(' ').includes(me)));
  });
  each(root, `.mention[data-person="${CSS.escape(me)}"]`, (e) => e.classList.add('is-me'));
}

// stops makes a stop for the keyboard only where there is something to scroll.
function stops(root: ParentNode): void {
  each(root, '.lk-box-scroll, .lk-text pre', (e) => {
    if (e.scrollWidth > e.clientWidth) e.tabIndex = 0;
    else e.removeAttribute('tabindex');
  });
}

addEventListener('resize', () => stops(document), { passive: true });

function dictionary(): Record<string, string> | undefined {
  const text = document.getElementById('woorden')?.textContent;
  return text ? (JSON.parse(text) as Record<string, string>) : undefined;
}

function retell(e: HTMLElement): void {
  const at = new Date((e as HTMLTimeElement).dateTime);
  const style: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: zone };
  if (e.dataset['time'] === 'date') Object.assign(style, { day: 'numeric', month: 'long', year: 'numeric' });
  e.textContent = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, style).format(at);
}

function each(root: ParentNode, selector: string, does: (e: HTMLElement) => void): void {
  root.querySelectorAll<HTMLElement>(selector).forEach(does);
}
