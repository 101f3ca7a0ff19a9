/** Real servers for tests, and the tests of the embedded servers themselves. */
@NullMarked
package dev.walmonitor.embedded;

import org.jspecify.annotations.NullMarked;
