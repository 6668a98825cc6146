/**
 * Leaflet 1.9 draws in a frame that was asked for earlier, also when the map has gone meanwhile
 * and its canvas with it; then there is nothing to draw on, and nobody to see it.
 */
import L from "leaflet";

type Drawing = L.Canvas & { _ctx?: unknown; _redraw: () => void };
const { _redraw } = L.Canvas.prototype as Drawing;

L.Canvas.include({
  _redraw(this: Drawing): void {
    if (this._ctx) _redraw.call(this);
  },
});
