// A form that is on its way says so on its button, and is not sent twice. A
// form that script sends itself cancels the event, and is left alone.

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  // Let the listeners of the form itself go first.
  setTimeout(() => {
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('data-quiet')) return;
    const button = (event as SubmitEvent).submitter ?? form.querySelector('button[type=submit]');
    button?.classList.add('nl-button--busy');
    button?.setAttribute('aria-busy', 'true');
    form.setAttribute('data-sent', '');
  });
});

document.addEventListener('submit', (event) => {
  if ((event.target as HTMLFormElement).hasAttribute('data-sent')) event.preventDefault();
}, true);

// The back button brings the page as it was left: with a button that still waits.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  document.querySelectorAll('form[data-sent]').forEach((form) => {
    form.removeAttribute('data-sent');
    form.querySelectorAll('.nl-button--busy').forEach((b) => {
      b.classList.remove('nl-button--busy');
      b.removeAttribute('aria-busy');
    });
  });
});

// What was not taken gets the reader's attention first.
document.querySelector<HTMLElement>('[data-focus]')?.focus();
