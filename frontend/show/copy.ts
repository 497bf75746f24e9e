// A value to take along gets a button that copies it. Where the browser does
// not let us (no secure connection), the value is selected, to copy by hand.

document.querySelectorAll<HTMLElement>('[data-copy]').forEach((box) => {
  const field = box.querySelector('input')!;
  const button = box.querySelector('button')!;
  const label = button.querySelector<HTMLElement>('.nl-button__label')!;
  const words = label.textContent!;
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand('copy')) return;
    }
    label.textContent = button.dataset['done']!;
    announce(label.textContent);
    setTimeout(() => (label.textContent = words), 3000);
  });
});

function announce(text: string): void {
  const place = document.createElement('p');
  place.className = 'lk-sr';
  place.textContent = text;
  document.querySelector('[data-notices]')?.append(place);
}
