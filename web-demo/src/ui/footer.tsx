import { ownBuild } from '../jam/build';

export function Footer() {
  return (
    <footer class="footer">
      <p>
        Downbeat {ownBuild.version}, commit <code>{ownBuild.commit}</code>: this page and the server
        inside it.
      </p>
    </footer>
  );
}
