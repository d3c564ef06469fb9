/** The encoder of T5. */
package io.mitune.diffusion.model.t5;
