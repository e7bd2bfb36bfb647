// What an invitation does before the page's scripts are there: it connects, and remembers what is
// tapped. They take over both.
{
  const socket = new WebSocket(
    `${location.origin.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`,
  );
  const heard = [];
  socket.onmessage = (event) => heard.push(event);

  const tapped = [];
  const remember = (event) => {
    const button = event.target.closest?.('button');
    if (!button) return;
    // A key sounds when it is struck, and any other button acts when it is released.
    const isKey = button.dataset.pitch !== undefined;
    if (isKey === (event.type === 'pointerdown')) tapped.push(button);
    if (event.type === 'click') event.preventDefault();
  };
  const types = ['pointerdown', 'click'];
  for (const type of types) addEventListener(type, remember, true);

  window.earlyInvitation = {
    socket,
    heard,
    tapped,
    stopListening: () => types.forEach((type) => removeEventListener(type, remember, true)),
  };

  try {
    // After a reload the seat is there again, and nobody needs to be invited.
    if (sessionStorage.getItem('downbeat-seat')) document.documentElement.classList.add('returning');
  } catch {
    // Without storage there is no seat.
  }
}
