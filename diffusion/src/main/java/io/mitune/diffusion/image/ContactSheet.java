package io.mitune.diffusion.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many pictures on one page: a grid with a label under each picture and a coloured border around
 * those that matter.
 *
 * <p>Needs no display. Where the Java runtime has no fonts, labels are left out. Stateless.
 */
public final class ContactSheet {
    private static final Logger log = LoggerFactory.getLogger(ContactSheet.class);
    private static final int GAP = 6;
    private static final int BORDER = 3;
    private static final int LABEL = 16;
    private static final int MAX_SIDE = 16384;

    private ContactSheet() {}

    /**
     * One picture of the grid.
     *
     * @param image the picture; smaller ones are centred in their cell
     * @param label one short line; what does not fit is cut off
     * @param border 0xRRGGBB, or empty for none
     */
    public record Cell(RgbImage image, String label, Optional<Integer> border) {
        /** A picture without a border. */
        public static Cell of(RgbImage image, String label) {
            return new Cell(image, label, Optional.empty());
        }

        /** A picture with a border in this colour. */
        public Cell withBorder(int rgb) {
            return new Cell(image, label, Optional.of(rgb));
        }
    }

    /** Draws the cells row by row. */
    public static RgbImage draw(List<Cell> cells, int columns) {
        if (cells.isEmpty() || columns < 1) {
            throw new IllegalArgumentException(
                    "contact sheet: expected pictures and columns, found %d and %d"
                            .formatted(cells.size(), columns));
        }
        int across = Math.min(columns, cells.size());
        int down = (cells.size() + across - 1) / across;
        var layout = Layout.of(cells);
        long width = GAP + (long) across * layout.stepX();
        long height = GAP + (long) down * layout.stepY();
        if (width > MAX_SIDE || height > MAX_SIDE) {
            throw new IllegalArgumentException(
                    "contact sheet: expected at most %d pixels a side, found %d x %d"
                            .formatted(MAX_SIDE, width, height));
        }
        var page = new BufferedImage((int) width, (int) height, BufferedImage.TYPE_INT_RGB);
        var pen = page.createGraphics();
        try {
            pen.setColor(Color.WHITE);
            pen.fillRect(0, 0, page.getWidth(), page.getHeight());
            for (int i = 0; i < cells.size(); i++) {
                int x = GAP + i % across * layout.stepX();
                int y = GAP + i / across * layout.stepY();
                draw(pen, cells.get(i), layout, x, y);
            }
            drawLabels(pen, cells, layout, across);
        } finally {
            pen.dispose();
        }
        return RgbImage.of(page);
    }

    /** Size of the largest picture, and whether room for labels is needed. */
    private record Layout(int width, int height, boolean labels) {
        static Layout of(List<Cell> cells) {
            int width = cells.stream().mapToInt(c -> c.image().width()).max().orElseThrow();
            int height = cells.stream().mapToInt(c -> c.image().height()).max().orElseThrow();
            return new Layout(width, height, cells.stream().anyMatch(c -> !c.label().isEmpty()));
        }

        int stepX() {
            return width + 2 * BORDER + GAP;
        }

        int stepY() {
            return height + 2 * BORDER + GAP + (labels ? LABEL : 0);
        }
    }

    private static void draw(Graphics2D pen, Cell cell, Layout layout, int x, int y) {
        var image = cell.image();
        int left = x + BORDER + (layout.width() - image.width()) / 2;
        int top = y + BORDER + (layout.height() - image.height()) / 2;
        cell.border()
                .ifPresent(
                        rgb -> {
                            pen.setColor(new Color(rgb));
                            pen.fillRect(
                                    left - BORDER,
                                    top - BORDER,
                                    image.width() + 2 * BORDER,
                                    image.height() + 2 * BORDER);
                        });
        pen.drawImage(image.toBufferedImage(), left, top, null);
    }

    private static void drawLabels(Graphics2D pen, List<Cell> cells, Layout layout, int across) {
        if (!layout.labels()) {
            return;
        }
        try {
            pen.setColor(Color.DARK_GRAY);
            pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
            pen.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            for (int i = 0; i < cells.size(); i++) {
                int x = GAP + BORDER + i % across * layout.stepX();
                int y = GAP + i / across * layout.stepY() + layout.height() + 2 * BORDER;
                pen.setClip(x, y, layout.width() + BORDER, LABEL);
                pen.drawString(cells.get(i).label(), x, y + 12);
            }
        } catch (LinkageError | RuntimeException e) { // how a runtime without fonts shows
            log.warn(
                    "contact sheet: no labels, this Java runtime cannot load fonts: {}",
                    e.toString());
        }
    }
}
