<?php

// Loads the classes of a checkout of the PHP SDK for its own tests, with nothing changed but the base URL.
$checkout = getenv('SDK_CHECKOUT');
$folders = ['MangoPay\\Tests\\' => "$checkout/tests/", 'MangoPay\\' => "$checkout/MangoPay/", 'Psr\\Log\\' => '/usr/share/php/Psr/Log/'];

spl_autoload_register(function ($class) use ($folders) {
    foreach ($folders as $prefix => $folder) {
        $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        if (strncmp($class, $prefix, strlen($prefix)) === 0 && is_file($file)) {
            // The tests have the provider's address written in them.
            eval('?>' . str_replace('https://api.sandbox.mangopay.com', getenv('SANDBOX_URL'), file_get_contents($file)));
            return;
        }
    }
});

// Results tells how each test ended.
final class Results implements PHPUnit\Framework\TestListener
{
    use PHPUnit\Framework\TestListenerDefaultImplementation;

    private string $result = '';
    private string $why = '';

    public function startTest(PHPUnit\Framework\Test $test): void
    {
        $this->result = 'passed';
        $this->why = '';
    }

    public function addError(PHPUnit\Framework\Test $test, Throwable $t, float $time): void
    {
        $this->ended('failed', $t);
    }

    public function addFailure(PHPUnit\Framework\Test $test, PHPUnit\Framework\AssertionFailedError $e, float $time): void
    {
        $this->ended('failed', $e);
    }

    public function addSkippedTest(PHPUnit\Framework\Test $test, Throwable $t, float $time): void
    {
        $this->ended('skipped', $t);
    }

    private function ended(string $result, Throwable $t): void
    {
        $this->result = $result;
        $this->why = strtok($t->getMessage() . "\n", "\n");
    }

    public function endTest(PHPUnit\Framework\Test $test, float $time): void
    {
        $parts = explode('\\', get_class($test));
        $line = [
            'service' => preg_replace('/Test$/', '', end($parts)), 'test' => $test->getName(), 'result' => $this->result,
            'why' => $this->why, 'at' => (int) (microtime(true) * 1000),
        ];
        file_put_contents(getenv('SDK_RESULTS'), json_encode($line) . "\n", FILE_APPEND);
    }
}
