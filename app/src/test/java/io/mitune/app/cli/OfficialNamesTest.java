package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class OfficialNamesTest {
    @Test
    void snakeCaseOptionsBecomeOurs() {
        assertArrayEquals(
                new String[] {
                    "generate", "--num-inference-steps", "5", "--guidance-scale=2_0", "--model=a_b"
                },
                OfficialNames.toOurs(
                        new String[] {
                            "generate",
                            "--num_inference_steps",
                            "5",
                            "--guidance_scale=2_0",
                            "--pretrained_model_name_or_path=a_b"
                        }));
    }

    @Test
    void otherWordsAreLeftAlone() {
        var words = new String[] {"a_b", "-x_y", "--kebab-case", "--UPPER_CASE", "--a b_c", "--"};
        assertArrayEquals(words, OfficialNames.toOurs(words));
    }
}
