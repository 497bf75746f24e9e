// A textarea is as high as what stands in it. Newer browsers do it by
// themselves (field-sizing); this is for the others.

if (!CSS.supports('field-sizing', 'content')) {
  document.addEventListener('input', (event) => fit(event.target as HTMLElement));
  document.querySelectorAll<HTMLElement>('[data-grow]').forEach(fit);
}

function fit(area: HTMLElement): void {
  if (!area.hasAttribute('data-grow')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
}
