export function Brand() {
  return (
    <div class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M16 5v19M8 16l8 9 8-9" />
      </svg>
      <span>Downbeat</span>
    </div>
  );
}
