import { ownBuild } from '../server/build';

export function Footer() {
  return (
    <footer class="footer">
      <p>
        Downbeat {ownBuild.version}, commit <code>{ownBuild.commit}</code>: this page and the server
        in it.
      </p>
    </footer>
  );
}
