package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    private static final List<String> HEADER = List.of("prompt", "seed", "MI", "of");
    private static final List<List<String>> ROWS =
            List.of(
                    List.of("a red circle and a blue square", "123456", "5.5", "8"),
                    List.of("a cat", "7", "15.25", "8"));

    @Test
    void aTableThatFitsStaysAsItIs() {
        assertEquals(TextTable.lines(HEADER, ROWS), TextTable.lines(HEADER, ROWS, 49));
    }

    @Test
    void theFirstColumnIsCut() {
        assertEquals(
                List.of(
                        "prompt                   seed     MI  of",
                        "----------------------------------------",
                        "a red circle and a b…  123456    5.5   8",
                        "a cat                       7  15.25   8"),
                TextTable.lines(HEADER, ROWS, 40));
    }

    @Test
    void whereLittleWouldBeLeftOfItTheLastColumnsGo() {
        var lines = TextTable.lines(HEADER, ROWS, 38);
        assertEquals("prompt                     seed     MI", lines.get(0));
    }
}
