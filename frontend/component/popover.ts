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
  sheet.className = 'lk-sheet lk-sheet--free';
  sheet.setAttribute('role', 'group');
  sheet.setAttribute('aria-label', link.textContent!.trim());
  sheet.innerHTML = html;
  dress(sheet);
  // Right after its link, so that Tab goes on from there; on top of everything
  // where the browser can do that, and at least above its own post where not.
  link.after(sheet);
  if ('popover' in sheet) {
    sheet.popover = 'manual';
    sheet.showPopover();
  }
  link.parentElement!.classList.add('is-open');
  link.setAttribute('aria-expanded', 'true');
  open = { link, sheet };
  follow();
  sheet.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
}

// follow keeps the sheet at its link: under it, or above it where there is more
// room. On a phone it lies at the bottom of the screen (see menu.css).
function follow(): void {
  if (!open) return;
  const { link, sheet } = open;
  const at = link.getBoundingClientRect();
  const under = innerHeight - at.bottom;
  const up = under < sheet.scrollHeight + 16 && at.top > under;
  sheet.style.right = `${Math.max(document.documentElement.clientWidth - at.right, 8)}px`;
  sheet.style.top = up ? 'auto' : `${at.bottom + 4}px`;
  sheet.style.bottom = up ? `${innerHeight - at.top + 4}px` : 'auto';
  sheet.style.maxHeight = `${(up ? at.top : under) - 12}px`;
}

addEventListener('scroll', follow, { capture: true, passive: true });
addEventListener('resize', follow, { passive: true });

// close takes the sheet away; back brings the focus to its link.
export function close(back: boolean): void {
  if (!open) return;
  const { link, sheet } = open;
  open = undefined;
  sheet.remove();
  link.parentElement!.classList.remove('is-open');
  link.removeAttribute('aria-expanded');
  if (back) link.focus();
}
