/** Drawing samples: keyed noise, classifier-free guidance, and the score that falls out of it. */
package io.mitune.diffusion.sampling;
