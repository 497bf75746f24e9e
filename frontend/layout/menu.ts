// The phone's menu. Without script its link goes to #menu, which shows it; with
// script the address stays as it is, the focus stays inside, and Escape or a
// step back closes it.

// The tab one is on is in sight, also where the tabs scroll sideways.
document.querySelectorAll<HTMLElement>('.lk-tabs [aria-current]').forEach((tab) => {
  const box = tab.closest<HTMLElement>('.lk-tabs')!;
  box.scrollLeft = tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2;
});

const menu = document.getElementById('menu');
let opener: HTMLElement | null = null;

document.addEventListener('click', (event) => {
  const target = event.target as Element;
  if (!menu || event.ctrlKey || event.metaKey) return;
  const button = target.closest<HTMLElement>('[data-open-menu]');
  if (button) {
    event.preventDefault();
    show(button);
  } else if (target.closest('[data-close-menu]') && opener) {
    event.preventDefault();
    hide();
  }
});

document.addEventListener('keydown', (event) => {
  if (!menu || !opener) return;
  if (event.key === 'Escape') hide();
  if (event.key === 'Tab') keepInside(event);
});

function show(button: HTMLElement): void {
  opener = button;
  menu!.classList.add('is-open');
  button.setAttribute('aria-expanded', 'true');
  menu!.querySelector<HTMLElement>('[data-close-menu]')?.focus();
}

function hide(): void {
  menu!.classList.remove('is-open');
  opener!.removeAttribute('aria-expanded');
  opener!.focus();
  opener = null;
}

function keepInside(event: KeyboardEvent): void {
  const stops = menu!.querySelectorAll<HTMLElement>('a[href], button, input');
  const first = stops[0];
  const last = stops[stops.length - 1];
  const at = document.activeElement;
  if (event.shiftKey ? at === first : at === last) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}
