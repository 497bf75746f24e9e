// Menus: a <details> that closes when one looks away, and a link (data-popover)
// whose page is shown as a sheet beside it. Without script both are plain HTML.

import { dress } from './dress';

let open: { link: HTMLAnchorElement; sheet: HTMLElement } | undefined;

document.addEventListener('click', (event) => {
  const target = event.target as Element;
  closeMenus(target);
  if (open && !open.sheet.contains(target) && !open.link.contains(target)) close(false);
  const link = target.closest<HTMLAnchorElement>('a[data-popover]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (open?.link === link) close(true);
  else void show(link);
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (open) return close(true);
  const menu = (event.target as Element).closest<HTMLDetailsElement>('details[data-menu-box][open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary')?.focus();
});

document.addEventListener('focusin', (event) => {
  const target = event.target as Element;
  closeMenus(target);
  if (open && !open.sheet.contains(target) && target !== open.link) close(false);
});

function closeMenus(except: Element): void {
  document.querySelectorAll<HTMLDetailsElement>('details[data-menu-box][open]').forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}

// show fetches the sheet: the page behind the link, asked for with "deel", is
// the same content without the frame.
async function show(link: HTMLAnchorElement): Promise<void> {
  close(false);
  link.setAttribute('aria-busy', 'true');
  try {
    const address = new URL(link.href);
    address.searchParams.set('deel', '1');
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    place(link, await answer.text());
  } catch {
    location.href = link.href; // the page itself says what is wrong
  } finally {
    link.removeAttribute('aria-busy');
  }
}

function place(link: HTMLAnchorElement, html: string): void {
  const sheet = document.createElement('div');
  sheet.className = 'lk-sheet lk-sheet--end';
  sheet.setAttribute('role', 'group');
  sheet.setAttribute('aria-label', link.textContent!.trim());
  sheet.innerHTML = html;
  dress(sheet);
  link.after(sheet);
  link.setAttribute('aria-expanded', 'true');
  open = { link, sheet };
  if (sheet.getBoundingClientRect().bottom > innerHeight - 72) sheet.classList.add('lk-sheet--up');
  sheet.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
}

function close(back: boolean): void {
  if (!open) return;
  const { link, sheet } = open;
  open = undefined;
  sheet.remove();
  link.removeAttribute('aria-expanded');
  if (back) link.focus();
}
